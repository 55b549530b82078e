//! # The rules of the one-window service
//!
//! Pure rules: no I/O, no async, no clock, no randomness, no logging. Everything that decides
//! is here; everything that stores, sends or shows is elsewhere.
//!
//! ## Glossary
//!
//! | Vietnamese | Word here | Meaning |
//! |---|---|---|
//! | thủ tục hành chính | procedure | one of the five; [`procedure::ProcedureVersion`] is its dated rules |
//! | hồ sơ | dossier | the application file as one unit, [`dossier::Dossier`] |
//! | mã số hồ sơ | dossier code | official number given on acceptance; the *tracking key* is the citizen's secret |
//! | thành phần hồ sơ | requirement | a paper the definition asks for |
//! | giấy tờ, tài liệu | document | an uploaded or scanned paper |
//! | người nộp | applicant | who files; may be a representative |
//! | đương sự | party | judgment creditor or judgment debtor |
//! | cơ quan thi hành án dân sự | agency | has dated successors |
//! | Bộ phận Một cửa | one-window unit | the counter |
//! | chấp hành viên | enforcement officer | as a user: role processing officer |
//! | Thủ trưởng, Phó Thủ trưởng | head, deputy head | role: leader |
//! | văn thư | clerk | numbers and seals |
//! | tiếp nhận | receive | acceptance by the counter; produces the receipt |
//! | phiếu yêu cầu bổ sung | supplement request | at `intake` or at `examination` |
//! | bổ sung | supply | the applicant's answer |
//! | phiếu từ chối tiếp nhận | refusal | at intake; a refusal after examination is a decision |
//! | phiếu xin lỗi và hẹn lại | apology | its act is `extend` |
//! | trình ký, ký, cho số | propose, sign, number | separate acts |
//! | trả kết quả | return | result to the applicant; never "send back" |
//! | trả lại bước trước | send back | between steps |
//! | thời hạn giải quyết | time limit | in the definition |
//! | ngày hẹn trả | due date | computed, with its reckoning |
//! | ngày làm việc, làm bù | working day, make-up day | |
//! | việc thi hành án | enforcement matter | one enforcement decision is one matter, [`matter::Matter`] |
//! | phí thi hành án | enforcement fee | |
//! | chi phí cưỡng chế | coercion cost | |
//! | miễn, giảm | relief | exemption or reduction |
//! | nhật ký | audit | tamper-evident; the *access log* records views |
//! | căn cứ pháp lý | legal basis | |

pub mod actor;
pub mod agency;
pub mod answers;
pub mod audit;
pub mod calendar;
pub mod deadline;
pub mod document;
pub mod dossier;
pub mod error_code;
pub mod export;
pub mod fee;
pub mod ids;
pub mod limitation;
pub mod matter;
pub mod paper;
pub mod person;
pub mod policy;
pub mod procedure;
pub mod relief;
pub mod task;
pub mod text;
pub mod words;
