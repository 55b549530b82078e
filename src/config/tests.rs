//! The reader on its own: defaults, all problems at once, secrets, and the example file.

use super::*;

fn read(given: &[(&str, &str)]) -> Result<Config, Problems> {
    Config::read(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

#[test]
fn nothing_given_means_the_defaults() {
    let config = read(&[]).unwrap();
    assert_eq!(config.http.addr.to_string(), "127.0.0.1:8080");
    assert_eq!(config.http.public_url, "http://127.0.0.1:8080");
    assert_eq!(config.files.upload_max_bytes, 20 * 1024 * 1024);
    assert!(config.database.url.is_none());
    assert!(read(&[("MOTCUA_HTTP_ADDR", " ")]).is_ok());
}

#[test]
fn all_problems_are_reported_at_once() {
    let Err(Problems(problems)) = read(&[
        ("DATABASE_URL", "mysql://x"),
        ("MOTCUA_HTTP_ADDR", "8080"),
        ("MOTCUA_PUBLIC_URL", "office.example"),
        ("MOTCUA_MAIL_URL", "pop3://x"),
        ("MOTCUA_MAIL_FROM", "nobody"),
        ("MOTCUA_FILES_URL", "s3://papers"),
        ("MOTCUA_SESSION_HOURS", "0"),
        ("MOTCUA_LOG_FORMAT", "xml"),
        ("MOTCUA_TRUSTED_PROXIES", "10.0.0.1, here"),
        ("MOTCUA_SEED_DEMO", "perhaps"),
        ("MOTCUA_HTP_ADDR", "127.0.0.1:1"),
    ]) else {
        panic!("must be refused")
    };
    for name in
        ["DATABASE_URL", "MOTCUA_HTTP_ADDR", "MOTCUA_PUBLIC_URL", "MOTCUA_MAIL_URL", "MOTCUA_MAIL_FROM"]
    {
        assert!(problems.iter().any(|problem| problem.starts_with(name)), "{name}: {problems:#?}");
    }
    // The two keys are missing: one problem each.
    assert_eq!(problems.len(), 12, "{problems:#?}");
}

#[test]
fn secrets_do_not_show() {
    let config = read(&[
        ("DATABASE_URL", "postgres://motcua:hush@db/motcua"),
        ("MOTCUA_MAIL_URL", "smtps://motcua:hush@mail.example"),
        ("MOTCUA_FILES_URL", "s3://papers?endpoint=http://127.0.0.1:9000"),
        ("MOTCUA_S3_KEY", "hush"),
        ("MOTCUA_S3_SECRET", "hush"),
    ])
    .unwrap();
    assert!(!format!("{config:?}").contains("hush"));
}

#[test]
fn the_example_file_lists_what_the_reader_asks_for() {
    let mut reader = Reader::new([]);
    Config::read_with(&mut reader);
    reader.asked.push(OF_TESTS);
    reader.asked.sort_unstable();
    let example = include_str!("../../.env.example");
    let mut listed: Vec<&str> = example
        .lines()
        .filter(|line| line.trim_start_matches('#').starts_with(|c: char| c.is_ascii_uppercase()))
        .filter_map(|line| Some(line.trim_start_matches('#').split_once('=')?.0))
        .collect();
    listed.sort_unstable();
    assert_eq!(listed, reader.asked);
}

#[test]
fn the_example_file_can_be_used_as_it_is() {
    let example = include_str!("../../.env.example");
    let lines = example.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    Config::read(lines.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
}
