import type { Sensitivity } from '../../preload/contract/models.ts';

/*
 * Words by which a column is taken for a sensitive one: lower case, without accents, as they are written in names and in
 * questions. Several words in one entry have to follow one another. English, French, Spanish, Portuguese, Hindi in Devanagari
 * and in Latin letters; the folding that is applied to names is applied to these as well.
 */

type Lists = Readonly<Record<'en' | 'fr' | 'es' | 'pt' | 'hi' | 'hiLatin', string>>;

/** What somebody is called by, or can be told from others by. */
const personal: Lists = {
  en: `first name; last name; full name; middle name; given name; family name; surname; maiden name; nickname; case name; person name; name of patient;
    name of child; name of mother; name of father; name of baby; name of husband; phone; phones; telephone; telephones; mobile number; cell number; phone number; email; emails; e mail; username;
    user name; user id; userid; usernames; patient id; patient ids; patient number; client id; beneficiary id; participant id; person id; national id; passport; passports; ssn;
    social security; aadhaar; aadhar; voter id; health id; ration card; driving licence; drivers license; date of birth; birth date; birthdate; birthday; dob; birth year; year of birth; age;
    ages; gender; sex; signature; signatures; photo; photos; portrait; selfie; fingerprint; fingerprints; biometric; biometrics; ip address; submit ip; device id; deviceid; imei; imsi;
    religion; caste; ethnicity; tribe; marital status; occupation; income; salary; bank account; account holder; eye color; eye colour; literacy; whatsapp; next of kin; guardian`,
  fr: `prenom; prenoms; nom de famille; nom complet; nom du patient; nom de la patiente; nom de l enfant; nom de la mere; nom du pere; nom du bebe; nom du mari; numero de telephone; courriel;
    carte d identite; numero national; numero de dossier; passeport; date de naissance; annee de naissance; sexe; genre; religion; ethnie; profession; etat civil; situation matrimoniale; revenu;
    salaire; adresse electronique; empreinte digitale; tuteur; portable`,
  es: `nombre del paciente; nombre de la paciente; nombre completo; nombre del nino; nombre de la nina; nombre de la madre; nombre del padre; nombre del bebe; nombres y apellidos; apellido; apellidos; telefono; telefonos;
    celular; correo; correo electronico; cedula; curp; dni; pasaporte; fecha de nacimiento; ano de nacimiento; edad; sexo; genero; religion; etnia; ocupacion; estado civil; ingreso; ingresos; salario;
    firma; foto; huella digital; tutor`,
  pt: `nome do paciente; nome da paciente; nome completo; nome da crianca; nome da mae; nome do pai; nome do bebe; nome do marido; apelido; sobrenome; sobrenomes; telefone; telefones; telemovel;
    celular; correio eletronico; cpf; bilhete de identidade; passaporte; data de nascimento; ano de nascimento; idade; sexo; genero; religiao; etnia; profissao; ocupacao; estado civil; renda;
    salario; assinatura; impressao digital`,
  hi: `नाम; उपनाम; पूरा नाम; फोन; फ़ोन; मोबाइल; दूरभाष; ईमेल; आधार; मतदाता पहचान; राशन कार्ड; जन्म तिथि; जन्मतिथि; जन्म की तारीख; उम्र; आयु; लिंग; धर्म; जाति; जनजाति; व्यवसाय; पेशा; आय; हस्ताक्षर;
    फोटो; वैवाहिक स्थिति; अभिभावक; पिता; पति`,
  hiLatin: `naam; upnaam; poora naam; mareez ka naam; bachche ka naam; maa ka naam; pita; pati; mobail; doorbhash; umar; umra; aayu; ling; dharm; jaati; janm tithi; janmtithi; janm tarikh; pesha; vyavsay;
    aamdani; hastakshar`,
};

/** Where somebody is or lives. */
const location: Lists = {
  en: `gps; geo; geopoint; geo point; geolocation; geotag; coordinates; coordinate; latitude; longitude; lat; lon; lng; long lat; altitude; location; locations; location code; address; addresses; street; house number;
    household location; village; villages; hamlet; neighborhood; neighbourhood; town; city; ward; district; districts; subdistrict; block name; tehsil; taluk; county; province; region; postcode; postal code; zip; zip code;
    zipcode; pincode; pin code; residence; landmark; facility name; clinic name; school name; site name; catchment; parish; sublocation; country`,
  fr: `adresse; rue; ville; quartier; commune; arrondissement; departement; localite; lieu; lieu de residence; lieu de naissance; code postal; coordonnees; domicile; residence; pays; nom du village;
    point de repere; sous prefecture; nom du centre de sante`,
  es: `direccion; calle; ciudad; pueblo; barrio; colonia; municipio; departamento; provincia; localidad; lugar; lugar de residencia; lugar de nacimiento; codigo postal; coordenadas; ubicacion; domicilio; residencia; latitud;
    longitud; pais; aldea; comunidad; caserio; punto de referencia`,
  pt: `endereco; rua; cidade; vila; bairro; municipio; distrito; provincia; localidade; lugar; lugar de residencia; local de residencia; codigo postal; cep; coordenadas; localizacao; domicilio; residencia; latitude; longitude; pais;
    aldeia; comunidade; povoado; ponto de referencia`,
  hi: `पता; गांव; गाँव; ग्राम; शहर; कस्बा; मोहल्ला; वार्ड; जिला; ज़िला; तहसील; प्रखंड; ब्लॉक; राज्य; पिन कोड; स्थान; निवास; अक्षांश; देशांतर; देशान्तर; निर्देशांक; पंचायत`,
  hiLatin: `pata; gaon; gaanv; gram; shahar; shehar; kasba; mohalla; zila; jila; tehsil; tahsil; prakhand; rajya; sthan; nivas; panchayat; tola`,
};

/** Somebody's health, and what is done for it. */
const health: Lists = {
  en: `diagnosis; diagnoses; diagnosed; symptom; symptoms; disease; diseases; illness; illnesses; sick; sickness; ill; danger sign; danger signs; hiv; aids; arv; art regimen; haart; tb; tuberculosis; malaria; rdt;
    malaria test; cholera; measles; polio; pneumonia; diarrhea; diarrhoea; anemia; anaemia; anemic; diabetes; diabetic; hypertension; cancer; covid; ebola; hepatitis; syphilis; sti; std; fever; cough; vomiting; convulsions;
    bleeding; rash; pain; wound; injury; injuries; disability; disabilities; disabled; allergy; allergies; blood; blood pressure; bp; systolic; diastolic; pulse; heart rate; resp rate; respiratory rate; respiration;
    temperature; temp; hemoglobin; haemoglobin; hb; glucose; viral load; cd4; weight; wt; height; muac; bmi; malnutrition; malnourished; stunting; wasting; edema; oedema; vital signs; vitals; exam; physical exam; phys exam;
    medical; medical history; clinical; treatment; treatments; treated; medication; medications; medicine; medicines; drug; drugs; dose; dosage; prescription; prescriptions; prescribed; dispensed; antibiotic; antibiotics;
    vaccine; vaccines; vaccination; vaccinated; immunization; immunisation; immunized; bcg; opv; dpt; tetanus; vitamin a; ors; zinc; iron tablets; lab result; test result; hiv result; pregnant; pregnancy; pregnancies; preg; lmp; edd;
    gravida; parity; trimester; antenatal; anc; postnatal; pnc; delivery; csection; c section; caesarean; miscarriage; abortion; stillbirth; still birth; maternal; neonatal; newborn; obstetric; partograph; magnesium; oxytocin;
    breastfeeding; breastfed; breastfeed; lactating; skin to skin; contraceptive; contraceptives; contraception; condom; condoms; family planning; fp; birth control; injectables; injectable; iud; implant; sterilization; menstruation; menstrual;
    period; sexual; intercourse; mental; depression; suicide; alcohol; smoking; smoker; tobacco; death; died; deceased; cause of death; referral reason; mother referred; patient referred; hospitalized; surgery; health status; gestational; nutrition`,
  fr: `diagnostic; symptome; symptomes; maladie; maladies; malade; vih; sida; tuberculose; paludisme; cholera; rougeole; pneumonie; diarrhee; anemie; diabete; fievre; toux; vomissement; vomissements; convulsion; saignement; douleur;
    blessure; handicap; allergie; allergies; sang; tension arterielle; pouls; temperature; hemoglobine; poids; taille; perimetre brachial; pb; malnutrition; traitement; traitements; medicament; medicaments; ordonnance; vaccin; vaccins;
    vaccination; vaccine; enceinte; grossesse; grossesses; accouchement; cesarienne; avortement; fausse couche; mortinaissance; allaitement; contraception; contraceptif; preservatif; planification familiale; regles; deces; decede; alcool;
    resultat du test; depistage; antecedents; etat de sante; consultation prenatale; cpn`,
  es: `diagnostico; sintoma; sintomas; enfermedad; enfermedades; enfermo; enferma; vih; sida; tuberculosis; malaria; paludismo; colera; sarampion; neumonia; diarrea; anemia; diabetes; fiebre; tos; vomito; vomitos; convulsiones; sangrado;
    dolor; herida; discapacidad; alergia; alergias; sangre; presion arterial; pulso; temperatura; hemoglobina; peso; talla; estatura; desnutricion; tratamiento; tratamientos; medicamento; medicamentos; receta; vacuna; vacunas; vacunacion;
    vacunado; embarazada; embarazo; embarazos; parto; cesarea; aborto; mortinato; lactancia; anticonceptivo; anticonceptivos; condon; planificacion familiar; menstruacion; muerte; fallecido; alcohol; resultado de la prueba; antecedentes;
    estado de salud; control prenatal`,
  pt: `diagnostico; sintoma; sintomas; doenca; doencas; doente; hiv; vih; sida; tuberculose; malaria; colera; sarampo; pneumonia; diarreia; anemia; diabetes; febre; tosse; vomito; vomitos; convulsoes; sangramento; dor; ferida;
    deficiencia; alergia; alergias; sangue; pressao arterial; tensao arterial; pulso; temperatura; hemoglobina; peso; altura; estatura; desnutricao; tratamento; tratamentos; medicamento; medicamentos; remedio; receita; vacina; vacinas;
    vacinacao; gravida; gravidez; parto; cesariana; aborto; natimorto; amamentacao; aleitamento; contraceptivo; contraceptivos; preservativo; planeamento familiar; planejamento familiar; menstruacao; morte; obito; falecido; alcool;
    resultado do teste; antecedentes; estado de saude; consulta pre natal`,
  hi: `रोग; बीमारी; बीमार; लक्षण; निदान; बुखार; खांसी; खाँसी; दस्त; उल्टी; मलेरिया; टीबी; क्षय रोग; एचआईवी; एड्स; खून; रक्त; रक्तचाप; तापमान; वजन; वज़न; ऊंचाई; लंबाई; कुपोषण; इलाज; उपचार; दवा; दवाई; दवाइयां; टीका; टीकाकरण; गर्भवती; गर्भ; गर्भावस्था;
    प्रसव; गर्भपात; स्तनपान; गर्भनिरोधक; परिवार नियोजन; माहवारी; मासिक धर्म; मृत्यु; विकलांगता; दर्द; चोट; शराब; हीमोग्लोबिन; जांच का परिणाम`,
  hiLatin: `rog; bimari; beemari; bimar; beemar; lakshan; nidan; bukhar; khansi; dast; ulti; khoon; rakt; raktchap; tapman; vajan; wajan; vazan; unchai; kuposhan; ilaj; ilaaj; upchar; dawa; dawai; davai; tika; teeka; tikakaran; garbhvati;
    garbhavati; garbh; prasav; garbhpat; stanpan; garbhnirodhak; mahwari; maahvari; mrityu; viklangta; dard; chot; sharab`,
};

/** Words of a person: beside a `name` they make it one of a person. */
const people: Lists = {
  en: `patient; patients; client; beneficiary; participant; person; child; childs; children; baby; babys; babies; infant; mother; mothers; father; fathers; husband; wife; spouse; partner; guardian; caregiver; member; woman; man; girl; boy; user;
    worker; chw; asha; head; contact; owner; respondent; student; teacher; nurse; doctor; visitor; case; household; hh; first; last; full; family; given; sur; middle`,
  fr: `patient; patiente; enfant; mere; pere; bebe; mari; epouse; femme; homme; fille; garcon; famille; menage; chef; beneficiaire; agent; participant; repondant; tuteur; personne`,
  es: `paciente; nino; nina; madre; padre; bebe; esposo; esposa; mujer; hombre; hijo; hija; familia; hogar; jefe; beneficiario; beneficiaria; participante; persona; tutor; primer; segundo`,
  pt: `paciente; crianca; mae; pai; bebe; marido; esposa; mulher; homem; filho; filha; familia; agregado; chefe; beneficiario; beneficiaria; participante; pessoa; primeiro; ultimo`,
  hi: `मरीज; मरीज़; रोगी; बच्चे; बच्चा; मां; माँ; माता; पिता; पति; पत्नी; महिला; शिशु; परिवार; मुखिया; व्यक्ति; लाभार्थी`,
  hiLatin: `mareez; marij; rogi; bachche; bachcha; maa; mata; pita; pati; patni; mahila; shishu; parivar; mukhiya; vyakti; labharthi`,
};

const names: Lists = {
  en: 'name; names',
  fr: 'nom; noms',
  es: 'nombre; nombres',
  pt: 'nome; nomes',
  hi: 'नाम',
  hiLatin: 'naam',
};

const entries = (lists: Lists): string[] =>
  Object.values(lists).flatMap((list: string) =>
    list
      .split(';')
      .map((entry) => entry.trim().replace(/\s+/g, ' '))
      .filter((entry) => entry !== ''),
  );

/** By what each kind of sensitive data is known. */
export const sensitiveWords: Readonly<Record<Sensitivity, readonly string[]>> = {
  personal: entries(personal),
  location: entries(location),
  health: entries(health),
};
export const personWords: readonly string[] = entries(people);
export const nameWords: readonly string[] = entries(names);
