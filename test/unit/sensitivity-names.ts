/*
 * Names of real columns, and what a careful person would tag them with: p personal, l location, h health; the rest has no tag.
 * Those of `labelled` come from submissions, application definitions and forms that CommCare HQ's own tests use (BSD-3-Clause).
 * Whoever wrote the words of the suggestions had seen them, so what is measured on them is no estimate for other data.
 * Those of `unseen` are from the example queries of commcare-export and were looked at, and labelled, when the words were there.
 */

const p = `case_name contact_phone_number eye_color fada_patient_id health_id patient_id patient_number patient_number_padded
  q10_participant_read_and_write_portuguese q2_participant_gender q3_participant_age_in_years submit_ip user_id userID username
  whats_the_babys_name deviceID @user_id`;

const l = `gps_location geo_point fada_gps_location prev_location_code facility_name`;

const h = `add_a_prescription any_other_sick birth_control_pills_distributed bp cur_malaria_assessment_date danger_signs diagnosis dispensed
  drugs fada_ab_baby fada_ab_mother fada_arv_baby fada_arv_mother fada_baby_skin_to_skin
  fada_baby_skin_to_skin_for_1_hour fada_baby_temp fada_baby_wt fada_breastfeeding fada_csection fada_magnesium fada_maternal_bp
  fada_maternal_bp_anytime fada_maternal_death fada_maternal_temp fada_maternal_temp_anytime fada_mother_referred
  fada_oxycotin_administered_obv2 fada_oxycotin_administered_obv3 fada_partograph fada_stillbirth_neonatal_death fp_type general_exam
  heart_rate height history hiv_result injectables_distributed investigations is_this_a_delivery malaria_assessment
  malaria_assessment_date medical_history modern_fp on_haart phys_exam_detail prescribed prescription prescription_name
  prev_malaria_assessment_date problem q4_participant_pregnant_or_has_child q6_participant_current_contraceptive_method
  q7_plan_to_delay_pregnancy_next_year q8_participant_and_partner_use_condom_during_intercourse resp_rate temp vitals weight
  num_preg_slept_hh_last_night num_preg_slept_hh_last_night_bednet cur_num_fp num_using_fp assessment`;

const none = `#export_tag #type @date_modified @relationship @uiVersion @version @xmlns @case_type __retrieved_case_ids _attachments _id
  _rev appVersion app_build_version app_id auth_context authenticated backend_id build_id categories childwith childwithelement
  childwithout chw_referral_id clinic_id close commcare_version computed_ computed_modified_on_ contact_phone_number_is_verified
  content_length content_type counsel_sanitation counsel_sanitation_group counsel_type_ec counseling create cur_counsel_topics
  cur_toilet_assessment_date current_site_confirm date_header deprecated_form_id digest do_malaria_assessment do_toilet_assessment
  doc_type domain edited_on empty encounter_date encounter_type external_blobs facility_number_usage facility_owner_id
  fada_assisted_by_obv1 fada_assisted_by_obv2 fada_assisted_by_obv3 fada_assisted_by_obv4 fada_birth_companion_present_obv1
  fada_birth_companion_present_obv3 fada_checklist_picked_up_obv1 fada_checklist_picked_up_obv2 fada_checklist_poster_used_obv1
  fada_checklist_poster_used_obv2 fada_checklist_used_after_care_obv1 fada_clean_gloves fada_clean_towel fada_cord_tie
  fada_date_admission fada_facility_id fada_healthworker_assent fada_highlight_record fada_monthly_number fada_mucus_extractor
  fada_neonatal_bag fada_neonatal_bag_usage fada_observation_points_observed fada_obv1 fada_obv2 fada_other_observations
  fada_oxycotin_administration_location fada_pads fada_scissors_blade fada_soap_usage fada_water_usage fada_yearly_number flat
  followup_date followup_type form handwashing handwashing_knowledge how_are_you_today how_many_babies index inserted_at instanceID
  initial_processing_complete last_status last_sync_token last_visit last_visit_counsel_topics lastchildwithout lastempty length
  member_available meta num_bednets_no num_bednets_nonfunction num_bednets_observerd num_ec num_sleeping_sites
  num_u5_slept_hh_bednet_last_night num_u5_slept_hh_last_night number_of_babies openrosa_headers orig_id outcome owner_id parent
  partial_submission path prev_counsel_topics prev_toilet_assessment_date q11_can_participant_receive_and_send_sms_messages
  q12_participant_read_informed_consent_and_agree_to_participant q5_participant_currently_using_cm
  q9_participant_have_sim_with_dedicated_number_and_mobile_phone_access received_on reg_date reg_date_day_of_week reg_date_now
  registration_confirmation reminder_start_date resolution revpos server_modified_on soap start_offset state stool_disposal stub
  subcase_0 timeEnd timeStart toilet_assessment toilet_assessment_date toilet_shared toilet_type trash_disposal update user_type
  voucher-name water_source water_treatment water_treatment_type xmlns`;

const names = (list: string): string[] => list.split(/\s+/).filter((name) => name !== '');

export const labelled = {
  personal: names(p),
  location: names(l),
  health: names(h),
  none: names(none),
} as const;

/** Written as people head their columns there; labelled after the words were chosen, before they were tried on them. */
export const unseen = {
  personal: [
    ...[
      'Age',
      'Date of Birth',
      'Fecha de Nacimiento',
      'Gender',
      "Mother's Name",
      'Name',
      'Sexo',
      'TF nombre',
      'UserID',
    ],
    ...[
      'UserName',
      'date_of_birth',
      'gender',
      'form.age',
      'form.name',
      'properties.age',
      'properties.case_name',
      'sexo',
    ],
  ],
  location: [
    ...[
      'Comunidad',
      'Distrito',
      'Latitud(N)',
      'Longitud(W)',
      'community_name',
      'community_code',
      'district_name',
    ],
    ...['latitude', 'longitude'],
  ],
  health: [
    ...['Actual Delivery Date', 'Birth Weight', 'Danger Fever', 'dangers', 'Delivery Date', 'Delivery Type'],
    ...[
      'Did the mother deliver?',
      'Estimated Delivery Date',
      'Pregnant?',
      'birth_weight',
      'form.edd',
      'form.ispregnant',
    ],
    ...[
      'form.mother_deliver',
      'pregnant_mother',
      'properties.delivery_date',
      'form.delivery_information.delivery_type',
    ],
  ],
  none: [
    ...[
      'Case ID',
      'Case Opened On',
      'CaseURL',
      'Cierre',
      'Codigo',
      'Count',
      'Data Source',
      'Destination',
      'Domain',
    ],
    ...[
      'End Time',
      'Form ID',
      'Form Type',
      'Number of children born',
      'Received On',
      'Start Time',
      'Table Name',
    ],
    ...[
      'Filter Name',
      'Mapping Name',
      'Name in output',
      'Field',
      'Source',
      'Tiempo Max Casa TF',
      'Tiempo Max Serv salud',
    ],
    ...[
      'CambioTiempo',
      'DaysSince',
      'closed',
      'date_closed',
      'intake',
      'indexed_on',
      'max_time_to_chw',
      'FechaCierre',
    ],
    ...[
      'max_time_to_health_center',
      'min_time_to_chw',
      'form.delivery_information.num_children',
      'meta.timeEnd',
    ],
    ...['properties.date_opened', 'FechaCreación', 'form.@name', 'FechaRecepción', 'xmlns.exact', 'FLW ID'],
  ],
} as const;
