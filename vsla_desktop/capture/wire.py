"""What travels between laptops and head office, and in which place of a row.

A table's number is its place in :data:`WIRE`, counted from 1. A column's slot is its place among
the columns of its sort in its own line. Both are part of the protocol: lines and columns are only
ever added at the end, also when the models order them otherwise. A column that stops travelling
keeps its place. Derived columns and secrets are not here at all.
"""

from __future__ import annotations

from typing import Final

SECRETS: Final = frozenset(
    {
        ("users", "password"),
        ("mobile_money_providers", "api_key"),
        ("mobile_money_providers", "api_secret"),
    }
)
"""Columns that never leave the database they were written in."""

WIRE: Final[dict[str, str]] = {
    "users": ("created_date updated_date username email active admin role is_super_admin"),
    "services": ("created_date updated_date name description endpoint_url active"),
    "service_admins": ("created_date updated_date user_id service_id granted_date granted_by"),
    "user_service_permissions": (
        "created_date updated_date user_id service_id permissions granted_date granted_by "
        "expires_at"
    ),
    "service_access_requests": (
        "created_date updated_date user_id service_id requested_permissions reason status "
        "requested_date reviewed_date reviewed_by"
    ),
    "notifications": (
        "created_date updated_date user_id service_id type title message read priority category "
        "related_entity_type related_entity_id action_url action_label action_data expires_at"
    ),
    "savings_groups": (
        "created_date updated_date name description group_code country region district parish "
        "village constitution_document_url registration_certificate_url is_registered "
        "registration_number registration_date formation_date state status minimum_contribution "
        "max_members chair_member_id treasurer_member_id secretary_member_id meeting_frequency "
        "meeting_day meeting_time created_by currency language is_practice "
        "property_items bank_statements"
    ),
    "group_settings": (
        "created_date updated_date group_id preset effective_date share_name share_value "
        "max_shares_per_meeting social_fund_contribution fine_tariff fines_fund loan_multiple "
        "loan_max_months loan_interest_rate loan_interest_method loan_period loan_grace_days "
        "late_penalty_kind late_penalty_amount late_penalty_rate late_penalty_repeats "
        "guarantors_required loan_min_attendance loan_min_months loan_min_score loan_min_savings "
        "quorum_percentage payout_unit profit_rule profit_savings_percentage social_fund_rule "
        "remainder_fund leaver_rule joiner_rule agenda activities "
        "loan_fund_name social_fund_name assessment_weights max_meetings_merged grant_tariff"
    ),
    "savings_cycles": (
        "created_date updated_date group_id cycle_number start_date end_date status rules "
        "members_at_start share_value total_shares total_savings total_profit pool_amount "
        "paid_out_amount remainder_amount share_out_date closed_date "
        "property_at_start debts_amount reserve_amount share_out"
    ),
    "group_members": (
        "created_date updated_date group_id user_id first_name last_name email phone_number "
        "id_number date_of_birth gender occupation status joined_date is_active role "
        "member_number committee_role photo_path left_date leaving_reason "
        "leaving_amount"
    ),
    "saving_types": (
        "created_date updated_date name description code is_mandatory minimum_amount "
        "maximum_amount allows_withdrawal withdrawal_notice_days interest_rate is_active"
    ),
    "group_saving_type_settings": (
        "created_date updated_date group_id saving_type_id fund_type minimum_amount "
        "maximum_amount allows_withdrawal withdrawal_notice_days display_order is_active"
    ),
    "member_savings": (
        "created_date updated_date member_id saving_type_id target_amount is_active"
    ),
    "saving_transactions": (
        "created_date updated_date member_saving_id amount transaction_type transaction_date "
        "description reference_number is_mobile_money mobile_money_reference mobile_money_phone "
        "verification_status verified_by verified_date meeting_id activity_id shares_count "
        "group_transaction_id reverses_id is_reversal"
    ),
    "group_transactions": (
        "created_date updated_date group_id member_id loan_id amount transaction_type "
        "transaction_date description reference_number fund_type is_mobile_money "
        "mobile_money_reference mobile_money_phone verification_status verified_by verified_date "
        "meeting_id activity_id created_by cycle_id fine_id direction held_in reverses_id "
        "reversed_type reason "
        "due_date lender category charge_amount"
    ),
    "group_cashbook": (
        "created_date updated_date group_id member_id transaction_date transaction_type "
        "description amount transaction_reference group_transaction_id fund_type"
    ),
    "member_fines": (
        "created_date updated_date member_id amount reason fine_type fine_date due_date "
        "payment_method mobile_money_reference verification_status verified_by verified_date "
        "meeting_id imposed_by fund_type waived_date waiver_reason"
    ),
    "share_out_distributions": (
        "created_date updated_date group_id cycle_id member_id shares_count savings_amount "
        "profit_amount social_fund_amount entitled_amount debt_amount payout_amount status "
        "paid_date group_transaction_id"
    ),
    "savings_group_iga": (
        "created_date updated_date group_id name description activity_type initial_investment "
        "current_value expected_returns actual_returns status start_date expected_end_date "
        "actual_end_date risk_level risk_factors"
    ),
    "iga_member_participation": (
        "created_date updated_date iga_id member_id investment_amount ownership_percentage role "
        "status joined_date withdrawn_date withdrawal_reason"
    ),
    "iga_cashflow": (
        "created_date updated_date iga_id transaction_type amount transaction_date description "
        "reference_number receipt_document_path recorded_by approved_by approval_date "
        "group_transaction_id"
    ),
    "iga_member_returns": (
        "created_date updated_date iga_id member_id return_amount return_type calculation_basis "
        "distribution_date payment_method payment_reference status paid_date"
    ),
    "loan_assessments": (
        "created_date updated_date member_id assessment_date total_savings attendance_rate "
        "months_active savings_score attendance_score participation_score overall_score "
        "is_eligible max_loan_amount recommended_term_months interest_rate risk_level "
        "risk_factors assessed_by assessment_notes"
    ),
    "group_loans": (
        "created_date updated_date group_id member_id principal interest_rate term_months "
        "monthly_payment status application_date approval_date disbursement_date maturity_date "
        "total_amount_due payments_missed days_overdue approved_by disbursed_by loan_purpose "
        "collateral_description guarantor_member_id cycle_id meeting_id assessment_id "
        "interest_method loan_period "
        "rescheduled_date written_off_date status_reason"
    ),
    "loan_repayment_schedule": (
        "created_date updated_date loan_id installment_number due_date principal_amount "
        "interest_amount total_amount late_fee_amount payment_method payment_reference"
    ),
    "meetings": (
        "created_date updated_date group_id meeting_number meeting_date meeting_time meeting_type "
        "status chairperson_id secretary_id treasurer_id agenda minutes decisions_made "
        "action_items location latitude longitude cycle_id meetings_merged quorum_required "
        "opening_count closing_count opened_date closed_date seal previous_seal "
        "planned_date status_reason"
    ),
    "meeting_activities": (
        "created_date updated_date meeting_id activity_type activity_name description status "
        "start_time end_time duration_minutes conducted_by notes "
        "votes_for votes_against votes_abstained"
    ),
    "member_activity_participation": (
        "created_date updated_date activity_id member_id is_present participation_type "
        "amount_contributed fund_type payment_method mobile_money_reference mobile_money_phone "
        "verification_status verified_by verified_date participation_score "
        "contributed_to_discussions voted_on_decisions notes excuse_reason "
        "vote"
    ),
    "meeting_attendance": (
        "created_date updated_date group_id member_id meeting_date meeting_number is_present "
        "arrival_time excuse_reason participated_in_discussions contributed_to_savings "
        "voted_on_decisions participation_score meeting_id attendance_status represented_by "
        "corrected_status corrected_meeting_id correction_reason"
    ),
    "activity_documents": (
        "created_date updated_date activity_id document_name document_type file_path file_size "
        "mime_type description is_proof_document document_category uploaded_by upload_date "
        "is_public access_level sha256"
    ),
    "activity_document_audit_log": (
        "created_date updated_date document_id action performed_by performed_date details"
    ),
    "group_mobile_money_accounts": (
        "created_date updated_date group_id provider account_number account_holder is_primary "
        "is_active daily_limit monthly_limit"
    ),
    "mobile_money_payments": (
        "created_date updated_date group_id member_id meeting_id activity_id amount phone_number "
        "provider transaction_reference fund_type payment_purpose status verification_status "
        "payment_date verified_date verified_by provider_transaction_id provider_response "
        "group_transaction_id"
    ),
    "mobile_money_verification": (
        "created_date updated_date payment_id verification_method verification_timestamp "
        "verified_by verification_notes receipt_image_path provider_confirmation"
    ),
    "achievements": (
        "created_date updated_date name description category criteria points_value is_repeatable "
        "is_active difficulty_level icon_name badge_color"
    ),
    "member_achievements": (
        "created_date updated_date member_id achievement_id awarded_date points_earned "
        "trigger_activity_id trigger_meeting_id achievement_data"
    ),
    "achievement_badges": (
        "created_date updated_date name description badge_type required_achievements "
        "minimum_points is_active rarity_level badge_image_path badge_color"
    ),
    "member_badges": (
        "created_date updated_date member_id badge_id awarded_date qualifying_achievements"
    ),
    "achievement_leaderboard": (
        "created_date updated_date member_id group_id total_points total_achievements "
        "total_badges savings_rank attendance_rank participation_rank overall_rank member_score "
        "attendance_rate last_updated"
    ),
    "analytics_snapshots": (
        "created_date updated_date group_id snapshot_date total_members active_members "
        "new_members_this_month total_savings total_loans total_fines average_attendance "
        "meetings_held loan_default_rate savings_growth_rate member_growth_rate"
    ),
    "analytics_reports": (
        "created_date updated_date group_id report_type report_name report_description "
        "report_data report_parameters generated_by generated_date report_period_start "
        "report_period_end file_path file_format"
    ),
    "member_analytics": (
        "created_date updated_date member_id group_id analytics_date total_savings total_loans "
        "total_fines attendance_rate participation_score achievement_points meetings_attended "
        "meetings_missed late_arrivals"
    ),
    "document_templates": (
        "created_date updated_date group_id template_name template_type template_content "
        "is_active is_default"
    ),
    "document_versions": (
        "created_date updated_date document_id version_number file_path file_size "
        "change_description sha256"
    ),
    "document_approvals": (
        "created_date updated_date document_id approver_id approval_status approval_date "
        "signature_path comments"
    ),
    "mobile_money_providers": (
        "created_date updated_date group_id provider_name provider_code merchant_id is_active "
        "transaction_fee_rate daily_limit"
    ),
    "mobile_money_reconciliation": (
        "created_date updated_date group_id payment_id provider statement_reference "
        "statement_date amount phone_number status matched_by matched_date notes"
    ),
}

NUMBERS: Final = {name: number for number, name in enumerate(WIRE, start=1)}
"""A table's name -> its number, as it travels."""
