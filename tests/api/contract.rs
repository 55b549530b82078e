//! The checked-in contract and schema are what the code and the migrations say.

use std::fmt::Write as _;

use crate::support::database::TestDatabase;

#[test]
fn openapi_yaml_is_what_the_code_generates() {
    let written = include_str!("../../openapi.yaml");
    let generated = motcua::web::openapi::yaml().unwrap();
    assert!(written.trim_end() == generated.trim_end(), "openapi.yaml is out of date; run `make openapi`");
}

#[test]
fn every_error_code_is_in_the_contract() {
    let contract = motcua::web::openapi::yaml().unwrap();
    for code in motcua::domain::error_code::ErrorCode::ALL {
        assert!(contract.contains(code.as_str()), "{code}");
    }
}

/// Renders the table definitions from the database, in the form of `src/store/schema.rs`.
async fn rendered(client: &tokio_postgres::Client) -> String {
    let mut text = String::from(
        "// Generated from the migrations; a test compares it with the database. Do not edit.\n",
    );
    let tables = client
        .query("SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> '__diesel_schema_migrations' ORDER BY 1", &[])
        .await
        .unwrap();
    let names: Vec<String> = tables.iter().map(|row| row.get(0)).collect();
    for table in &names {
        let key = client
            .query(
                "SELECT a.attname::text FROM pg_index i JOIN unnest(i.indkey) WITH ORDINALITY k(n, o) ON true JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n \
                 WHERE i.indrelid = ('public.' || $1)::regclass AND i.indisprimary ORDER BY k.o",
                &[table],
            )
            .await
            .unwrap();
        let key: Vec<String> = key.iter().map(|row| row.get(0)).collect();
        let _ = write!(text, "diesel::table! {{\n    {table} ({}) {{\n", key.join(", "));
        let columns = client
            .query(
                "SELECT a.attname::text, format_type(a.atttypid, NULL), a.attnotnull FROM pg_attribute a \
                 WHERE a.attrelid = ('public.' || $1)::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
                &[table],
            )
            .await
            .unwrap();
        for column in columns {
            let (name, kind, not_null): (String, String, bool) =
                (column.get(0), column.get(1), column.get(2));
            let kind = match kind.as_str() {
                "uuid" => "Uuid",
                "text" => "Text",
                "date" => "Date",
                "timestamp with time zone" => "Timestamptz",
                "bigint" => "Int8",
                "integer" => "Int4",
                "smallint" => "Int2",
                "boolean" => "Bool",
                "jsonb" => "Jsonb",
                "bytea" => "Bytea",
                "text[]" => "Array<Text>",
                "uuid[]" => "Array<Uuid>",
                other => panic!("the schema file knows no {other}"),
            };
            let kind = if not_null { kind.to_owned() } else { format!("Nullable<{kind}>") };
            let _ = writeln!(text, "        {name} -> {kind},");
        }
        text.push_str("    }\n}\n\n");
    }
    let _ = writeln!(text, "diesel::allow_tables_to_appear_in_same_query!({});", names.join(", "));
    text
}

#[tokio::test]
async fn the_schema_file_is_what_the_migrations_make() {
    let database = TestDatabase::new().await;
    let (client, connection) = tokio_postgres::connect(&database.url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let rendered = rendered(&client).await;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/schema.rs");
    if std::env::var_os("MOTCUA_WRITE_SCHEMA").is_some() {
        std::fs::write(path, &rendered).unwrap();
    }
    assert!(
        rendered == std::fs::read_to_string(path).unwrap(),
        "src/store/schema.rs is out of date; run this test with MOTCUA_WRITE_SCHEMA=1"
    );
}

/// The closed lists of the database are those of the domain.
#[tokio::test]
async fn check_lists_equal_the_closed_lists_of_the_domain() {
    use motcua::domain::{
        agency::UnitKind, dossier::Channel, dossier::state::StateName, matter::MatterState, policy::Role,
        procedure::ProcedureKey,
    };
    let database = TestDatabase::new().await;
    let (client, connection) = tokio_postgres::connect(&database.url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let words =
        |all: &[&str]| all.iter().map(|word| format!("'{word}'::text")).collect::<Vec<_>>().join(", ");
    let lists = [
        ("dossiers_state_known", words(&StateName::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>())),
        ("dossiers_channel_known", words(&Channel::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>())),
        ("memberships_role_known", words(&Role::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>())),
        ("units_kind_known", words(&UnitKind::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>())),
        (
            "matters_state_known",
            words(&MatterState::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>()),
        ),
        (
            "procedure_versions_key_known",
            words(&ProcedureKey::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>()),
        ),
    ];
    for (name, words) in lists {
        let row = client
            .query_one("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", &[&name])
            .await
            .unwrap();
        let check: String = row.get(0);
        assert!(check.contains(&format!("[{words}]")), "{name}: {check}\n{words}");
    }
}
