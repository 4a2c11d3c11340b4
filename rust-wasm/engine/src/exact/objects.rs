//! Objects of whose members something is asked.

use super::{Breach, Pass, Reader, Unfit, require};
use crate::RECIPES;
use crate::members::{Members, Seen};
use crate::plan::{Place, PlaceId};

impl Reader<'_, '_> {
    pub(super) fn object(&mut self, id: PlaceId, place: &Place, members: &Members, nesting: u32) -> Pass {
        let start = self.walk.at();
        let unique = place.is_once() || RECIPES && members.count.is_some();
        let (mut seen, mut count, mut guess, mark) = (Seen::default(), 0, 0, self.exact.keys.len());
        self.walk.take(b'{');
        self.walk.space();
        if !self.walk.take(b'}') {
            loop {
                count += 1;
                let expected = members.known.get(guess).is_some_and(|known| self.walk.this_name(&known.name));
                let known = if expected { Some(guess) } else { self.name(members, unique, mark)? };
                self.walk.space();
                let inner = match known {
                    Some(known) => {
                        require(seen.insert(known), Unfit::Names)?;
                        guess = known + 1;
                        members.known[known].quick.place
                    }
                    None => {
                        require(members.open, Unfit::Schema)?;
                        place.others
                    }
                };
                self.value(inner, nesting)?;
                self.walk.space();
                if self.walk.take(b'}') {
                    break;
                }
                require(self.walk.take(b','), Unfit::Json)?;
                self.walk.space();
            }
        }
        self.close_object(id, members, start, seen, count, mark)
    }

    /// What is asked of an object at its end.
    pub(super) fn close_object(
        &mut self,
        id: PlaceId,
        members: &Members,
        start: usize,
        seen: Seen,
        count: u64,
        mark: usize,
    ) -> Pass {
        if !seen.has_all(&members.required) {
            let mut missing = members.order.iter().filter(|&&place| !seen.has(place));
            let missing = missing.next().map(|&first| (first, missing.next().is_some()));
            self.breaks(Breach { place: id, start, end: self.walk.at(), missing })?;
        }
        if RECIPES && let Some(allowed) = &members.count {
            require(allowed.contains(&count), Unfit::Schema)?;
        }
        self.close(mark)
    }

    /// Passes over a name and its colon: which of the known ones it is.
    #[cfg_attr(feature = "recipes", inline(always))]
    pub(super) fn name(
        &mut self,
        members: &Members,
        unique: bool,
        mark: usize,
    ) -> Result<Option<usize>, Unfit> {
        let name = self.walk.string().ok_or(Unfit::Json)?;
        self.colon()?;
        require(!name.odd, Unfit::Names)?;
        let known = members.find(self.walk, name);
        if known.is_none() && unique {
            self.unique(name, mark)?;
        }
        Ok(known)
    }

    #[cfg_attr(feature = "recipes", inline(always))]
    pub(super) fn colon(&mut self) -> Pass {
        if !self.walk.take(b':') {
            self.walk.space();
            require(self.walk.take(b':'), Unfit::Json)?;
        }
        Ok(())
    }
}
