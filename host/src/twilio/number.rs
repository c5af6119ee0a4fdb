//! Telephone numbers, compared as a bank would.
//!
//! Lives here: E.164, Mexico's old mobile prefix, and callers who withhold their number.
//! Never here: whose number it is (the bank's records).

/// A number in E.164, with Mexico's former mobile spelling `+521…` folded into `+52…`.
/// It has neither `Debug` nor `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// Text that is no telephone number. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number; write it as `+` and 7 to 15 digits with the country first, for example +525512345678")]
pub struct BadNumber;

impl PhoneNumber {
    /// Reads `+` and 7 to 15 digits that do not start with zero.
    ///
    /// # Errors
    /// [`BadNumber`] for anything else.
    pub fn parse(raw: &str) -> Result<Self, BadNumber> {
        let digits = raw.trim().strip_prefix('+').ok_or(BadNumber)?;
        let fits = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
        if !fits || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadNumber);
        }
        match digits.strip_prefix("521") {
            Some(local) if local.len() == 10 => Ok(Self(format!("+52{local}"))),
            _ => Ok(Self(format!("+{digits}"))),
        }
    }

    /// The number as `+` and digits. It is personal: never log it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last four digits.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

/// Who calls, as far as `From` tells.
#[derive(Clone, PartialEq, Eq)]
pub enum Caller {
    /// The network names the calling number.
    Identified(PhoneNumber),
    /// Withheld, unknown, or no telephone number at all (`sip:`, `client:`): never an identity.
    Unidentified,
}

/// What Twilio writes into `From` for ANONYMOUS, UNAVAILABLE, RESTRICTED, BLOCKED and UNKNOWN.
const WITHHELD: [&str; 5] = ["+266696687", "+86282452253", "+7378742833", "+2562533", "+8656696"];

impl Caller {
    /// Reads the parameter `From`.
    pub fn parse(from: Option<&str>) -> Self {
        match from.map(str::trim) {
            Some(from) if !WITHHELD.contains(&from) => PhoneNumber::parse(from).map_or(Self::Unidentified, Self::Identified),
            _ => Self::Unidentified,
        }
    }

    /// The number, if there is one to rely on.
    pub const fn number(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Identified(number) => Some(number),
            Self::Unidentified => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, number: Option<&str>) {
        assert_eq!(PhoneNumber::parse(raw).ok().as_ref().map(PhoneNumber::as_str), number, "{raw}");
    }

    #[test]
    fn mexican_mobiles_are_one_number_in_both_spellings() {
        check("+5215512345678", Some("+525512345678"));
        check("+525512345678", Some("+525512345678"));
    }

    #[test]
    fn other_numbers_that_start_alike_are_left_alone() {
        check("+521551234567", Some("+521551234567"));
        check("+14158675309", Some("+14158675309"));
    }

    #[test]
    fn what_is_not_e164_is_no_number() {
        for raw in ["", "+", "5512345678", "+52 55 1234 5678", "+0255123456", "+123456", "+1234567890123456", "+52551234567a", "+١٢٣٤٥٦٧٨"] {
            check(raw, None);
        }
    }

    #[test]
    fn withheld_numbers_and_other_addresses_identify_nobody() {
        for from in ["+266696687", "+86282452253", "Anonymous", "+7378742833", "+2562533", "+8656696", "sip:ana@banco.mx", "client:ana", ""] {
            assert!(Caller::parse(Some(from)).number().is_none(), "{from}");
        }
        assert!(Caller::parse(None).number().is_none());
        let caller = Caller::parse(Some("+5215500000001"));
        assert_eq!(caller.number().map(PhoneNumber::last_four), Some("0001"));
    }
}
