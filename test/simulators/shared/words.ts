/** Vocabulary of the generator. */

type Words = readonly [string, ...string[]];

export const NAMES: Words = [
  'Ravi',
  'Mina',
  'Asha Kumari',
  'Devi',
  'John O’Brien',
  'Aïssatou Ndiaye',
  'Élodie Brûlé',
  'José Muñoz',
  'Françoise Lefèvre',
  'Søren Åkesson',
  'आशा देवी',
  'राम प्रसाद',
  'सुनीता कुमारी',
  'فاطمة الزهراء',
  'محمد علي',
  'عائشة',
  '王小明',
  '李娜',
  'Nguyễn Thị Hoa',
  'Zoë 😀',
  'Grace "Mama" Otieno',
  'Tadesse\tBekele',
  '👩🏽‍⚕️ Amina',
  'O\\Neil',
];

export const USERNAMES: Words = [
  'asha',
  'fatou',
  'sunita',
  'grace',
  'ravi',
  'marie-claire',
  'chw_007',
  'ni.hoa',
];

export const VILLAGES: Words = [
  'Rampur',
  'सीतापुर',
  'Saint-Étienne-du-Rouvray',
  'قرية النور',
  '和平村',
  'Kisumu East',
  'Ndiobène',
  'Bà Rịa',
];

export const NOTES: Words = [
  'All well at the visit.',
  'She said "come back Monday".',
  'Path C:\\data\\photos was empty',
  'First line\nsecond line\nthird\tcolumn',
  'La mère a été référée à l’hôpital régional; à revoir dans 3 jours.',
  'मरीज़ को बुखार है, दवा दी गई।',
  'تمت الزيارة ولا توجد مشاكل',
  '家里没有人，明天再来。',
  'Great progress 🎉🎉',
  "Robert'); DROP TABLE visits;--",
  '<b>not bold</b> & never was',
  '  leading and trailing spaces  ',
  'null',
  '=1+1',
];

export const SYMPTOMS: Words = ['fever', 'cough', 'diarrhoea', 'rash', 'vomiting', 'headache', 'danger_sign'];

export const VACCINES: Words = ['bcg', 'opv_0', 'penta_1', 'penta_2', 'mmr'];

export const REFUSALS: Words = ['refused', 'n/a', 'n’a pas voulu', 'उपलब्ध नहीं'];

export const REASONS: Words = ['danger_sign', 'low_weight', 'mother_request', 'suivi'];
