/** What the generated forms ask, so that the application list describes the submissions there are. */

/** Path below the form, control, and the label in English, French and Hindi; a label that is not there is empty. */
type Question = readonly [path: string, tag: string, en: string, fr?: string, hi?: string];

const COMMON: readonly Question[] = [
  ['visit_date', 'input', 'Date of the visit', 'Date de la visite', 'मुलाक़ात की तारीख़'],
  ['respondent', 'input', 'Who answers?', 'Qui répond ?', 'कौन जवाब दे रहा है?'],
  ['village', 'input', 'Village', 'Village', 'गाँव'],
  ['household_id', 'input', 'Household number', 'Numéro du ménage', 'परिवार संख्या'],
  ['phone', 'input', 'Phone number', 'Numéro de téléphone'],
  ['symptoms', 'select', 'Which symptoms?', 'Quels symptômes ?', 'कौन से लक्षण?'],
  ['consent', 'select1', 'Do you agree to take part?', 'Êtes-vous d’accord ?', 'क्या आप सहमत हैं?'],
  ['note', 'input', 'Anything else?', 'Autre chose ?', 'और कुछ?'],
  ['muac', 'input', 'Arm circumference\n(cm)', 'Périmètre brachial (cm)'],
  ['photo', 'upload', 'Take a photo', 'Prenez une photo', 'फ़ोटो लें'],
  ['supervisor_comment', 'input', 'Comment of the supervisor'],
  ['referral_reason', 'select1', 'Why referred?', 'Motif de la référence'],
  ['app_feedback', 'group', 'About this app'],
  ['app_feedback/rating', 'select1', 'How do you like it?', 'Votre avis ?', 'आपको कैसा लगा?'],
  ['app_feedback/comment', 'input', 'Why?', 'Pourquoi ?', 'क्यों?'],
  ['welcome', 'trigger', 'Good morning!', 'Bonjour !', 'नमस्ते!'],
];

const HOUSEHOLD: readonly Question[] = [
  ['members', 'group', 'Members', 'Membres', 'सदस्य'],
  ['members/item', 'repeat', 'Member', 'Membre', 'सदस्य'],
  ['members/item/name', 'input', 'Name of the member', 'Nom du membre', 'सदस्य का नाम'],
  ['members/item/age', 'input', 'Age in years', 'Âge', 'उम्र'],
  ['members/item/sex', 'select1', 'Sex', 'Sexe', 'लिंग'],
  ['member_count', 'hidden', ''],
  ['water', 'group', 'Water', 'Eau', 'पानी'],
  ['water/source', 'select', 'Where does the water come from?', 'D’où vient l’eau ?', 'पानी कहाँ से आता है?'],
  ['water/treated', 'select1', 'Is it treated?', 'Est-elle traitée ?'],
  ['water/litres_per_day', 'input', 'Litres per day', 'Litres par jour'],
  ['water/distance_km', 'input', 'How far is it (km)?', 'À quelle distance (km) ?', 'कितनी दूर (किमी)?'],
  ['sanitation', 'group', 'Sanitation'],
  ['sanitation/latrine', 'select1', 'Kind of latrine', 'Type de latrine'],
  ['sanitation/soap', 'select', 'What is there to wash hands?', 'Avec quoi se laver les mains ?'],
  ['sanitation/shared_with', 'input', 'Shared with how many?', 'Partagé avec combien ?'],
  ['income', 'input', 'Income of the household', 'Revenu du ménage', 'परिवार की आय'],
  ['next_visit', 'input', 'Next visit', 'Prochaine visite', 'अगली मुलाक़ात'],
];

const DOSES: readonly Question[] = [
  ['members/item/doses/dose', 'repeat', 'Dose'],
  ['members/item/doses/dose/vaccine', 'select1', 'Vaccine', 'Vaccin', 'टीका'],
  ['members/item/doses/dose/given_on', 'input', 'Given on', 'Administré le', 'कब दिया गया'],
];

const ANTENATAL: readonly Question[] = [
  ['grossesse', 'group', 'Pregnancy', 'Grossesse', 'गर्भावस्था'],
  ['grossesse/semaines', 'input', 'Weeks', 'Semaines'],
  ['grossesse/date_prevue', 'input', 'Due date', 'Date prévue'],
  ['grossesse/derniere_consultation', 'input', 'Last consultation', 'Dernière consultation'],
  ['grossesse/heure_du_rappel', 'input', 'Time of the reminder', 'Heure du rappel'],
  ['grossesse/groupe/sanguin', 'select1', 'Blood group', 'Groupe sanguin', 'रक्त समूह'],
  ['grossesse/groupe/facteur-rh', 'input', 'Rhesus factor', 'Facteur rhésus'],
  ['tension', 'input', 'Blood pressure', 'Tension'],
  ['poids', 'input', 'Weight (kg)', 'Poids (kg)'],
  ['temperature', 'input', 'Temperature', 'Température'],
  ['signes_de_danger', 'select', 'Danger signs', 'Signes de danger', 'ख़तरे के लक्षण'],
  ['consultations', 'repeat', 'Consultation', 'Consultation'],
  ['consultations/le', 'input', 'On', 'Le'],
  ['consultations/lieu', 'input', 'Where', 'Lieu'],
  ['consultations/remarque', 'input', 'Remark', 'Remarque'],
];

const INFANT: readonly Question[] = [
  ['शिशु', 'group', 'Infant', '', 'शिशु'],
  ['शिशु/नाम', 'input', 'Name', '', 'नाम'],
  ['शिशु/जन्म_तिथि', 'input', 'Date of birth', '', 'जन्म तिथि'],
  ['शिशु/वजन', 'input', 'Weight', '', 'वजन'],
  ['शिशु/लिंग', 'select1', 'Sex', '', 'लिंग'],
  ['mother_name', 'input', 'Name of the mother', '', 'माँ का नाम'],
  ['birth_order', 'input', 'Birth order', '', 'जन्म क्रम'],
  ['registered_at', 'input', 'Registered at'],
  ['breastfed', 'select1', 'Breastfed?', '', 'स्तनपान?'],
  ['bank_account', 'input', 'Bank account', '', 'बैंक खाता'],
  ['immunisation/shot', 'repeat', 'Shot', '', 'टीका'],
  ['immunisation/shot/vaccine', 'select1', 'Vaccine', '', 'टीका'],
  ['immunisation/shot/date', 'input', 'Date', '', 'तारीख़'],
  ['immunisation/shot/batch', 'input', 'Batch number', '', 'बैच'],
  ['immunisation/shot/reaction', 'select', 'Reaction', '', 'प्रतिक्रिया'],
  ['growth/height_cm', 'input', 'Height (cm)', '', 'ऊँचाई (सेमी)'],
  ['growth/head_cm', 'input', 'Head (cm)', '', 'सिर (सेमी)'],
  ['growth/percentile', 'input', 'Percentile', '', 'प्रतिशतक'],
];

/** The questions of the generated forms, in the order of their kinds. */
export const QUESTIONS: readonly (readonly Question[])[] = [
  [...COMMON, ...HOUSEHOLD, ...DOSES],
  [...COMMON, ...ANTENATAL],
  [...COMMON, ...INFANT],
  [...COMMON, ...HOUSEHOLD],
];

/** The choices of a question, as far as the generator has some of its own for it. */
export const OPTIONS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  consent: [
    ['yes', 'Yes'],
    ['no', 'No'],
  ],
  'app_feedback/rating': [
    ['1', 'Bad'],
    ['5', 'Good'],
  ],
};
