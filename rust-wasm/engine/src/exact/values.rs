//! Strings, numbers and arrays of which something is asked.

use super::{Kind, Pass, Reader, Unfit, require};
use crate::RECIPES;
use crate::plan::{ANY_COPIED, Place, PlaceId};
use crate::rule::{NumberRule, Types};
use crate::walk::Str;

impl Reader<'_, '_> {
    #[cfg_attr(feature = "recipes", inline(always))]
    pub(super) fn string(&mut self, id: PlaceId, place: &Place) -> Pass {
        let Str { start, end, escaped, odd } = self.walk.string().ok_or(Unfit::Json)?;
        self.exact.odd |= odd & place.copied;
        let allowed = match &place.string {
            Some(rule) if RECIPES => rule.allows(self.walk.part(start, end), escaped),
            _ => true,
        };
        if !(allowed && place.types.has(Types::STRING)) {
            let part = self.walk.part(start, end);
            let sure =
                RECIPES && place.string.as_ref().map_or(!escaped, |rule| rule.is_sure_of(part, escaped));
            return self.breach(id, start - 1, sure, 0);
        }
        if self.exact.learning {
            match place {
                Place { string: Some(_), .. } => self.token(start - 1, end + 1, Kind::Other, id),
                _ if place.is_string_or_null() => self.token(start - 1, end + 1, Kind::StringOrNull, id),
                _ => self.token(start, end, Kind::String, id),
            }
        }
        Ok(())
    }

    #[cfg_attr(feature = "recipes", inline(always))]
    pub(super) fn number(&mut self, id: PlaceId, place: &Place) -> Pass {
        let start = self.walk.at();
        if let Some((least, most)) = place.integers
            && let Some(short) = self.walk.short(true)
            && short.decimals == 0
        {
            if short.digits < least || most < short.digits {
                let sure = NumberRule::is_sure_of(self.walk.part(start, self.walk.at()));
                return self.breach(id, start, sure, 0);
            }
            self.token(start, self.walk.at(), Kind::Integer, id);
            return Ok(());
        }
        // It may have been passed over as a short one with decimals.
        let digits = if self.walk.at() == start {
            self.walk.number().ok_or(Unfit::Json)?
        } else {
            self.walk.part(start, self.walk.at())
        };
        if !(place.takes_any_number() || place.number.allows(digits, place.types)) {
            return self.breach(id, start, NumberRule::is_sure_of(digits), 0);
        }
        if self.exact.learning {
            let kind = match place {
                _ if !is_short(digits) => Kind::Other,
                _ if place.takes_any_number() => Kind::Number,
                Place { range: Some(_), .. } => Kind::Bounded,
                // Of integers those with a fraction.
                _ => Kind::Other,
            };
            self.token(start, self.walk.at(), kind, id);
        }
        Ok(())
    }

    #[cfg_attr(feature = "recipes", inline(always))]
    pub(super) fn boolean(&mut self, id: PlaceId, place: &Place, start: usize, value: bool) -> Pass {
        if !(place.types.has(Types::BOOLEAN) && place.booleans[usize::from(value)]) {
            return self.breach(id, start, true, 0);
        }
        let kind = if place.booleans == [true; 2] { Kind::Boolean } else { Kind::Other };
        self.token(start, self.walk.at(), kind, id);
        Ok(())
    }

    pub(super) fn array(&mut self, id: PlaceId, place: &Place, nesting: u32) -> Pass {
        let start = self.walk.at();
        if place.item_count.is_none() && place.items <= ANY_COPIED {
            if self.exact.learning {
                return self.free_array(id, place, nesting);
            }
            return self.skip(place.copied, nesting + 1);
        }
        let learning = std::mem::replace(&mut self.exact.learning, false);
        let spaced = std::mem::replace(&mut self.walk.spaced, false);
        let (mut count, mark) = (0, self.exact.keys.len());
        self.walk.take(b'[');
        self.walk.space();
        if !self.walk.take(b']') {
            loop {
                count += 1;
                let item = self.walk.at();
                self.value(place.items, nesting)?;
                if RECIPES && place.unique {
                    self.differs(item, mark)?;
                }
                self.walk.space();
                if self.walk.take(b']') {
                    break;
                }
                require(self.walk.take(b','), Unfit::Json)?;
                self.walk.space();
            }
        }
        if RECIPES && let Some(allowed) = &place.item_count {
            require(allowed.contains(&count), Unfit::Schema)?;
        }
        self.close(mark).map_err(|_| Unfit::Schema)?;
        self.exact.learning = learning;
        if learning {
            let plain = start > 0 && !self.walk.spaced && self.takes_strings(place);
            let kind = match self.exact.breach {
                Some(breach) if breach.start >= start => Kind::Wrong,
                _ if plain => Kind::Strings,
                _ => Kind::Other,
            };
            self.deep_token(start, self.walk.at(), kind, id, nesting + 1);
        }
        self.walk.spaced |= spaced;
        Ok(())
    }

    /// True if an array is only asked to have nothing but strings in it.
    pub(super) fn takes_strings(&self, place: &Place) -> bool {
        let items = self.plan.place(place.items);
        let more = place.item_count.is_some() || place.unique;
        !more && items.types == Types::STRING && items.string.is_none()
    }
}

/// Bytes of a number that the learned tier reads, at most.
const MOST_DIGITS: usize = 15;

/// Whether a number is one that the learned tier reads.
fn is_short(number: &[u8]) -> bool {
    number.len() <= MOST_DIGITS && number != b"-0" && number.iter().all(|byte| byte | 0x20 != b'e')
}
