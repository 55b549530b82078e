//! A key in a PKCS#11 token (a smart card, a USB token, an HSM), which never leaves it. Every
//! signature has a session of its own, so a token that was pulled out and put back works again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11 as Module};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use der::Encode;
use der::asn1::UintRef;
use secrecy::SecretString;

use crate::algorithm::{Hash, Key};
use crate::certificate::Certificate;
use crate::{SealError, Signer};

/// A module is started once in a process and stays: a second start fails, and an end would take
/// the sessions of others with it.
static MODULES: Mutex<BTreeMap<PathBuf, Module>> = Mutex::new(BTreeMap::new());

pub struct Pkcs11 {
    module: Module,
    token: String,
    label: String,
    pin: SecretString,
    chain: Vec<Vec<u8>>,
    key: Key,
    /// Login is of the whole process at a token; two at once would disturb each other.
    turn: Mutex<()>,
}

fn failed(error: Error) -> SealError {
    SealError::Pkcs11(match error {
        // The library's own text is a page of the standard.
        Error::Pkcs11(code, function) => format!("{function:?} gave {code:?}"),
        other => other.to_string(),
    })
}

fn missing(what: &str) -> SealError {
    SealError::Pkcs11(what.to_owned())
}

impl Pkcs11 {
    /// `module` is the path of the maker's library; token and key are found by their labels. The
    /// certificate is the one with the key's id; those of its issuers come from the token too.
    pub fn open(module: &Path, token: &str, key: &str, pin: SecretString) -> Result<Self, SealError> {
        let module = start(module)?;
        let mut opened = Self {
            module,
            token: token.to_owned(),
            label: key.to_owned(),
            pin,
            chain: vec![],
            key: Key::Rsa,
            turn: Mutex::new(()),
        };
        let session = opened.session()?;
        let id = opened.id(&session)?;
        opened.chain = chain(&session, &id)?;
        drop(session);
        let leaf = opened.chain.first().and_then(|der| Certificate::read(der));
        let leaf = leaf.ok_or_else(|| missing("the key has no certificate"))?;
        opened.key = Key::of(&leaf.parsed.tbs_certificate.subject_public_key_info)
            .ok_or(SealError::Certificate("its key is neither RSA nor ECDSA on P-256"))?;
        Ok(opened)
    }

    fn slot(&self) -> Result<Slot, SealError> {
        for slot in self.module.get_slots_with_token().map_err(failed)? {
            if self.module.get_token_info(slot).is_ok_and(|token| token.label() == self.token) {
                return Ok(slot);
            }
        }
        Err(missing("no token has that label"))
    }

    fn session(&self) -> Result<Session, SealError> {
        let session = self.module.open_ro_session(self.slot()?).map_err(failed)?;
        match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(error) => Err(failed(error)),
        }
    }

    fn private_key(&self, session: &Session) -> Result<ObjectHandle, SealError> {
        let label = Attribute::Label(self.label.clone().into_bytes());
        let found =
            session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY), label]).map_err(failed)?;
        match found.as_slice() {
            [key] => Ok(*key),
            [] => Err(missing("no key has that label")),
            _ => Err(missing("several keys have that label")),
        }
    }

    fn id(&self, session: &Session) -> Result<Vec<u8>, SealError> {
        let key = self.private_key(session)?;
        let found = session.get_attributes(key, &[AttributeType::Id]).map_err(failed)?;
        let id = found.into_iter().find_map(|one| if let Attribute::Id(id) = one { Some(id) } else { None });
        id.filter(|id| !id.is_empty()).ok_or_else(|| missing("the key has no id"))
    }
}

fn start(path: &Path) -> Result<Module, SealError> {
    let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(module) = modules.get(path) {
        return Ok(module.clone());
    }
    let module = Module::new(path).map_err(failed)?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(failed(error)),
    }
    modules.insert(path.to_owned(), module.clone());
    Ok(module)
}

/// The certificate with this id, then its issuers as far as the token has them.
fn chain(session: &Session, id: &[u8]) -> Result<Vec<Vec<u8>>, SealError> {
    let all = certificates(session, None)?;
    let own = certificates(session, Some(id))?;
    let mut at = own.into_iter().next().ok_or_else(|| missing("the key has no certificate"))?;
    let mut chain = vec![at.der.clone()];
    while let Some(issuer) = all.iter().find(|issuer| at.is_signed_by(issuer))
        && !chain.contains(&issuer.der)
    {
        chain.push(issuer.der.clone());
        at = Certificate::read(&issuer.der).ok_or_else(|| missing("a certificate cannot be read"))?;
    }
    Ok(chain)
}

fn certificates(session: &Session, id: Option<&[u8]>) -> Result<Vec<Certificate>, SealError> {
    let mut template = vec![Attribute::Class(ObjectClass::CERTIFICATE)];
    template.extend(id.map(|id| Attribute::Id(id.to_vec())));
    let mut found = vec![];
    for object in session.find_objects(&template).map_err(failed)? {
        for attribute in session.get_attributes(object, &[AttributeType::Value]).map_err(failed)? {
            if let Attribute::Value(der) = attribute {
                found.extend(Certificate::read(&der));
            }
        }
    }
    Ok(found)
}

impl Signer for Pkcs11 {
    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SealError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let session = self.session()?;
        let key = self.private_key(&session)?;
        match self.key {
            Key::Rsa => session.sign(&Mechanism::Sha256RsaPkcs, key, message).map_err(failed),
            Key::P256 => {
                let digest = Hash::Sha256.digest([message]);
                let halves = session.sign(&Mechanism::Ecdsa, key, &digest).map_err(failed)?;
                let (r, s) = halves.split_at_checked(halves.len() / 2).unwrap_or_default();
                Ok(vec![UintRef::new(r)?, UintRef::new(s)?].to_der()?)
            }
        }
    }
}
