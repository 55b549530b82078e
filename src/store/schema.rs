// Generated from the migrations; a test compares it with the database. Do not edit.
diesel::table! {
    absences (id) {
        id -> Uuid,
        account_id -> Uuid,
        deputy_id -> Uuid,
        since -> Date,
        until -> Date,
        reason -> Text,
        created_by -> Uuid,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    access_log (id) {
        id -> Uuid,
        at -> Timestamptz,
        actor -> Jsonb,
        what -> Text,
        dossier_id -> Nullable<Uuid>,
        request_id -> Text,
        body -> Jsonb,
    }
}

diesel::table! {
    account_links (token_hash) {
        token_hash -> Bytea,
        account_id -> Uuid,
        purpose -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    accounts (id) {
        id -> Uuid,
        kind -> Text,
        login -> Text,
        name -> Text,
        email -> Nullable<Text>,
        language -> Text,
        password_hash -> Text,
        totp_secret -> Nullable<Text>,
        totp_last_step -> Nullable<Int8>,
        verified_at -> Nullable<Timestamptz>,
        disabled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    agencies (id) {
        id -> Uuid,
        key -> Text,
        name_vi -> Text,
        name_en -> Text,
        address -> Text,
        phone -> Text,
        since -> Date,
        until -> Nullable<Date>,
        successor_id -> Nullable<Uuid>,
        superior_id -> Nullable<Uuid>,
        opens -> Int2,
        noon -> Int2,
        afternoon -> Int2,
        closes -> Int2,
        courts -> Array<Text>,
    }
}

diesel::table! {
    audit_entries (chain, seq) {
        chain -> Text,
        seq -> Int8,
        prev -> Bytea,
        hash -> Bytea,
        at -> Text,
        actor -> Text,
        act -> Text,
        subject -> Text,
        request_id -> Text,
        body -> Text,
    }
}

diesel::table! {
    audit_heads (chain) {
        chain -> Text,
        seq -> Int8,
        hash -> Bytea,
    }
}

diesel::table! {
    audit_seals (seq) {
        seq -> Int8,
        prev -> Bytea,
        hash -> Bytea,
        sealed_at -> Timestamptz,
        covers_until -> Timestamptz,
        leaves -> Int8,
        root -> Bytea,
    }
}

diesel::table! {
    book_counters (unit_id, year) {
        unit_id -> Uuid,
        year -> Int4,
        last -> Int4,
    }
}

diesel::table! {
    bulk_items (run_id, position) {
        run_id -> Uuid,
        position -> Int4,
        dossier_id -> Uuid,
        version -> Int8,
        outcome -> Nullable<Text>,
        problem -> Nullable<Jsonb>,
        at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    bulk_runs (id) {
        id -> Uuid,
        account_id -> Uuid,
        act -> Text,
        command -> Jsonb,
        state -> Text,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    calendar_years (id) {
        id -> Uuid,
        year -> Int4,
        version -> Text,
        content -> Text,
        installed_at -> Timestamptz,
        position -> Int8,
    }
}

diesel::table! {
    code_counters (unit_id, day) {
        unit_id -> Uuid,
        day -> Date,
        last -> Int4,
    }
}

diesel::table! {
    decision_counters (agency_id, procedure, year) {
        agency_id -> Uuid,
        procedure -> Text,
        year -> Int4,
        last -> Int4,
    }
}

diesel::table! {
    desk_claims (dossier_id) {
        dossier_id -> Uuid,
        account_id -> Uuid,
        until -> Timestamptz,
    }
}

diesel::table! {
    desk_filters (account_id) {
        account_id -> Uuid,
        query -> Text,
    }
}

diesel::table! {
    documents (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        requirement -> Nullable<Text>,
        name -> Text,
        announced_sha256 -> Nullable<Text>,
        announced_size -> Nullable<Int8>,
        state -> Text,
        media_type -> Nullable<Text>,
        size -> Nullable<Int8>,
        sha256 -> Nullable<Text>,
        scan -> Nullable<Text>,
        created_at -> Timestamptz,
        stored_at -> Nullable<Timestamptz>,
        object_key -> Nullable<Text>,
        actor -> Jsonb,
        removed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    dossier_events (dossier_id, seq) {
        dossier_id -> Uuid,
        seq -> Int8,
        version -> Int8,
        at -> Timestamptz,
        kind -> Text,
        actor -> Jsonb,
        body -> Jsonb,
    }
}

diesel::table! {
    dossiers (id) {
        id -> Uuid,
        version -> Int8,
        reference -> Text,
        key_hash -> Bytea,
        code -> Nullable<Text>,
        procedure -> Text,
        procedure_version_id -> Uuid,
        agency_id -> Uuid,
        owner_unit_id -> Uuid,
        assignee_id -> Nullable<Uuid>,
        filer_account_id -> Nullable<Uuid>,
        filer_partner_id -> Nullable<Uuid>,
        filer_staff_id -> Nullable<Uuid>,
        matter_id -> Nullable<Uuid>,
        challenged -> Array<Uuid>,
        asked_units -> Array<Uuid>,
        channel -> Text,
        state -> Text,
        step -> Nullable<Text>,
        next_step -> Nullable<Text>,
        next_due_at -> Nullable<Timestamptz>,
        due_on -> Nullable<Date>,
        created_at -> Timestamptz,
        submitted_at -> Nullable<Timestamptz>,
        received_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        touched_at -> Timestamptz,
        applicant -> Text,
        answers -> Jsonb,
        body -> Jsonb,
    }
}

diesel::table! {
    exports (id) {
        id -> Uuid,
        account_id -> Uuid,
        list -> Text,
        format -> Text,
        asked -> Jsonb,
        state -> Text,
        total -> Nullable<Int8>,
        written -> Int8,
        problem -> Nullable<Jsonb>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        sha256 -> Nullable<Text>,
        size -> Nullable<Int8>,
        object_key -> Nullable<Text>,
    }
}

diesel::table! {
    feedback (id) {
        id -> Uuid,
        at -> Timestamptz,
        about -> Text,
        says -> Text,
        language -> Text,
    }
}

diesel::table! {
    idempotency_keys (caller, key) {
        caller -> Text,
        key -> Text,
        fingerprint -> Bytea,
        answer -> Nullable<Jsonb>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        kind -> Text,
        payload -> Jsonb,
        priority -> Int2,
        available_at -> Timestamptz,
        attempts -> Int2,
        max_attempts -> Int2,
        lease_id -> Nullable<Uuid>,
        leased_until -> Nullable<Timestamptz>,
        dedupe_key -> Nullable<Text>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        dead_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    matter_events (matter_id, seq) {
        matter_id -> Uuid,
        seq -> Int8,
        at -> Timestamptz,
        dossier_id -> Nullable<Uuid>,
        kind -> Text,
        body -> Jsonb,
    }
}

diesel::table! {
    matters (id) {
        id -> Uuid,
        version -> Int8,
        agency_id -> Uuid,
        decision_number -> Nullable<Text>,
        decided_on -> Date,
        judgment_key -> Text,
        officer_id -> Nullable<Uuid>,
        state -> Text,
        opened_by -> Nullable<Uuid>,
        body -> Jsonb,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    memberships (id) {
        id -> Uuid,
        account_id -> Uuid,
        agency_id -> Uuid,
        unit_id -> Uuid,
        role -> Text,
        is_head -> Bool,
        since -> Date,
        until -> Nullable<Date>,
    }
}

diesel::table! {
    messages (id) {
        id -> Uuid,
        dossier_id -> Nullable<Uuid>,
        account_id -> Nullable<Uuid>,
        letter -> Text,
        language -> Text,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        state -> Text,
        attempts -> Int2,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        dedupe_key -> Nullable<Text>,
    }
}

diesel::table! {
    papers (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        kind -> Text,
        dossier_version -> Int8,
        forms_hash -> Text,
        said -> Text,
        check_code -> Text,
        made_at -> Timestamptz,
        sha256 -> Nullable<Text>,
        size -> Nullable<Int8>,
        pages -> Nullable<Int4>,
        object_key -> Nullable<Text>,
        stored_at -> Nullable<Timestamptz>,
        sealed_by -> Nullable<Text>,
        part -> Int2,
    }
}

diesel::table! {
    parameters (name, content_hash) {
        name -> Text,
        content_hash -> Text,
        content -> Text,
        installed_at -> Timestamptz,
        position -> Int8,
    }
}

diesel::table! {
    partner_secrets (id) {
        id -> Uuid,
        partner_id -> Uuid,
        secret_hash -> Text,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    partners (id) {
        id -> Uuid,
        client_id -> Text,
        name -> Text,
        contact_email -> Text,
        scopes -> Array<Text>,
        agencies -> Array<Uuid>,
        networks -> Array<Text>,
        created_at -> Timestamptz,
        disabled_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        last_network -> Nullable<Text>,
    }
}

diesel::table! {
    procedure_versions (id) {
        id -> Uuid,
        key -> Text,
        version -> Text,
        effective_from -> Date,
        effective_to -> Nullable<Date>,
        content -> Text,
        content_hash -> Text,
        installed_at -> Timestamptz,
    }
}

diesel::table! {
    recovery_codes (account_id, code_hash) {
        account_id -> Uuid,
        code_hash -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    schedules (name) {
        name -> Text,
        due_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Bytea,
        id -> Uuid,
        account_id -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    sign_in_tries (login_hash) {
        login_hash -> Bytea,
        tries -> Int4,
        tried_at -> Timestamptz,
        locked_until -> Timestamptz,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> Text,
        private_pem -> Text,
        public_x -> Text,
        created_at -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tasks (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        paper_id -> Uuid,
        kind -> Text,
        addressee -> Text,
        decided_on -> Date,
        due_on -> Date,
        created_at -> Timestamptz,
        done_at -> Nullable<Timestamptz>,
        done_by -> Nullable<Uuid>,
        sent_on -> Nullable<Date>,
        way -> Nullable<Text>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    units (id) {
        id -> Uuid,
        agency_id -> Uuid,
        kind -> Text,
        name_vi -> Text,
        name_en -> Text,
        identifier -> Nullable<Text>,
        identifier_format -> Nullable<Text>,
    }
}

diesel::table! {
    version_proposals (id) {
        id -> Uuid,
        procedure -> Text,
        based_on -> Text,
        letter -> Text,
        effective_from -> Date,
        content -> Text,
        why -> Text,
        proposed_by -> Uuid,
        proposed_at -> Timestamptz,
        outcome -> Nullable<Text>,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    waiting_numbers (unit_id, day, number) {
        unit_id -> Uuid,
        day -> Date,
        number -> Int4,
        drawn_at -> Timestamptz,
        called_at -> Nullable<Timestamptz>,
        place -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(absences, access_log, account_links, accounts, agencies, audit_entries, audit_heads, audit_seals, book_counters, bulk_items, bulk_runs, calendar_years, code_counters, decision_counters, desk_claims, desk_filters, documents, dossier_events, dossiers, exports, feedback, idempotency_keys, jobs, matter_events, matters, memberships, messages, papers, parameters, partner_secrets, partners, procedure_versions, recovery_codes, schedules, sessions, sign_in_tries, signing_keys, tasks, units, version_proposals, waiting_numbers);
