//! Sixteen bytes at once: simd128 in WebAssembly, SSE where it was asked for, plain Rust elsewhere.
//!
//! The plain one is what the others are tested against, and what checked builds run.

pub(crate) use imp::V;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod imp {
    use core::arch::wasm32::*;

    /// A constant that is taken from memory each time. The compiler of the sandbox would take it once, before the loop
    /// that it is used in; but where a loop begins there is a call, for the deadline, over which no vector stays in a
    /// register: each would go to the stack and come back whenever the loop goes around.
    #[repr(align(16))]
    struct Held([u8; 16]);

    #[inline(always)]
    fn held(constant: &'static Held) -> v128 {
        // SAFETY: sixteen bytes, aligned. Volatile, or it would be an ordinary constant again.
        unsafe { constant.0.as_ptr().cast::<v128>().read_volatile() }
    }

    /// Two numbers of sixteen bits, four times.
    const fn pairs(one: u16, other: u16) -> Held {
        let ([a, b], [c, d]) = (one.to_le_bytes(), other.to_le_bytes());
        Held([a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d])
    }

    /// Sixteen bytes.
    #[derive(Clone, Copy)]
    pub(crate) struct V(v128);

    impl V {
        /// # Safety
        /// Sixteen bytes can be read at `place`.
        #[inline(always)]
        pub unsafe fn load(place: *const u8) -> V {
            // SAFETY: as the caller says; the load takes any alignment.
            V(unsafe { v128_load(place.cast()) })
        }

        /// # Safety
        /// Sixteen bytes can be written at `place`.
        #[inline(always)]
        pub unsafe fn store(self, place: *mut u8) {
            // SAFETY: as the caller says; the store takes any alignment.
            unsafe { v128_store(place.cast(), self.0) }
        }

        #[inline(always)]
        pub fn splat(byte: u8) -> V {
            V(u8x16_splat(byte))
        }

        /// The same byte sixteen times, for loops: see `Held` of WebAssembly.
        #[inline(always)]
        pub fn held<const BYTE: u8>() -> V {
            V(held(const { &Held([BYTE; 16]) }))
        }

        #[inline(always)]
        pub fn equal(self, other: V) -> V {
            V(i8x16_eq(self.0, other.0))
        }

        /// As signed bytes.
        #[inline(always)]
        pub fn below(self, other: V) -> V {
            V(i8x16_lt(self.0, other.0))
        }

        /// As unsigned bytes.
        #[inline(always)]
        pub fn at_most(self, other: V) -> V {
            V(u8x16_le(self.0, other.0))
        }

        #[inline(always)]
        pub fn or(self, other: V) -> V {
            V(v128_or(self.0, other.0))
        }

        #[inline(always)]
        pub fn and(self, other: V) -> V {
            V(v128_and(self.0, other.0))
        }

        #[inline(always)]
        pub fn xor(self, other: V) -> V {
            V(v128_xor(self.0, other.0))
        }

        #[inline(always)]
        pub fn add(self, other: V) -> V {
            V(i8x16_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn sub(self, other: V) -> V {
            V(i8x16_sub(self.0, other.0))
        }

        /// Not below zero, as unsigned bytes.
        #[inline(always)]
        pub fn less(self, other: V) -> V {
            V(u8x16_sub_sat(self.0, other.0))
        }

        /// One bit for the highest of each byte.
        #[inline(always)]
        pub fn bits(self) -> u32 {
            u32::from(i8x16_bitmask(self.0))
        }

        #[inline(always)]
        pub fn any(self) -> bool {
            v128_any_true(self.0)
        }

        /// The upper four bits of each byte.
        #[inline(always)]
        pub fn upper(self) -> V {
            V(u8x16_shr(self.0, 4))
        }

        /// Of each byte of `places` the byte that stands at this place here; 0 for places beyond 127. Places of
        /// 16 to 127 do not occur.
        #[inline(always)]
        pub fn pick(self, places: V) -> V {
            V(i8x16_swizzle(self.0, places.0))
        }

        /// The first eight bytes and the last eight as words, the first byte lowest.
        #[inline(always)]
        pub fn words(self) -> (u64, u64) {
            (u64x2_extract_lane::<0>(self.0), u64x2_extract_lane::<1>(self.0))
        }

        /// The number that sixteen decimal digits, as values 0 to 9, are.
        #[inline(always)]
        pub fn decimal(self) -> u64 {
            let low = held(const { &pairs(0xff, 0xff) });
            let tens = i16x8_mul(v128_and(self.0, low), held(const { &pairs(10, 10) }));
            let twos = i16x8_add(tens, u16x8_shr(self.0, 8));
            let fours = i32x4_dot_i16x8(twos, held(const { &pairs(100, 1) }));
            let narrow = i16x8_narrow_i32x4(fours, fours);
            let eights = i32x4_dot_i16x8(narrow, held(const { &pairs(10000, 1) }));
            let both = u64x2_extract_lane::<0>(eights);
            (both & 0xffff_ffff) * 100_000_000 + (both >> 32)
        }
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse4.1"))]
mod imp {
    use core::arch::x86_64::*;

    /// Sixteen bytes.
    #[derive(Clone, Copy)]
    pub(crate) struct V(__m128i);

    /// An expression of intrinsics that read and write no memory.
    macro_rules! sse {
        ($expression:expr) => {
            // SAFETY: this build is for processors that have them all, see the condition above.
            unsafe { $expression }
        };
    }

    impl V {
        /// # Safety
        /// Sixteen bytes can be read at `place`.
        #[inline(always)]
        pub unsafe fn load(place: *const u8) -> V {
            // SAFETY: as the caller says; the load takes any alignment.
            V(unsafe { _mm_loadu_si128(place.cast()) })
        }

        /// # Safety
        /// Sixteen bytes can be written at `place`.
        #[inline(always)]
        pub unsafe fn store(self, place: *mut u8) {
            // SAFETY: as the caller says; the store takes any alignment.
            unsafe { _mm_storeu_si128(place.cast(), self.0) }
        }

        #[inline(always)]
        pub fn splat(byte: u8) -> V {
            V(sse!(_mm_set1_epi8(byte as i8)))
        }

        /// The same byte sixteen times, for loops: see `Held` of WebAssembly.
        #[inline(always)]
        pub fn held<const BYTE: u8>() -> V {
            V::splat(BYTE)
        }

        #[inline(always)]
        pub fn equal(self, other: V) -> V {
            V(sse!(_mm_cmpeq_epi8(self.0, other.0)))
        }

        /// As signed bytes.
        #[inline(always)]
        pub fn below(self, other: V) -> V {
            V(sse!(_mm_cmpgt_epi8(other.0, self.0)))
        }

        /// As unsigned bytes.
        #[inline(always)]
        pub fn at_most(self, other: V) -> V {
            V(sse!(_mm_cmpeq_epi8(_mm_min_epu8(self.0, other.0), self.0)))
        }

        #[inline(always)]
        pub fn or(self, other: V) -> V {
            V(sse!(_mm_or_si128(self.0, other.0)))
        }

        #[inline(always)]
        pub fn and(self, other: V) -> V {
            V(sse!(_mm_and_si128(self.0, other.0)))
        }

        #[inline(always)]
        pub fn xor(self, other: V) -> V {
            V(sse!(_mm_xor_si128(self.0, other.0)))
        }

        #[inline(always)]
        pub fn add(self, other: V) -> V {
            V(sse!(_mm_add_epi8(self.0, other.0)))
        }

        #[inline(always)]
        pub fn sub(self, other: V) -> V {
            V(sse!(_mm_sub_epi8(self.0, other.0)))
        }

        /// Not below zero, as unsigned bytes.
        #[inline(always)]
        pub fn less(self, other: V) -> V {
            V(sse!(_mm_subs_epu8(self.0, other.0)))
        }

        /// One bit for the highest of each byte.
        #[inline(always)]
        pub fn bits(self) -> u32 {
            sse!(_mm_movemask_epi8(self.0)) as u32
        }

        #[inline(always)]
        pub fn any(self) -> bool {
            sse!(_mm_testz_si128(self.0, self.0)) == 0
        }

        /// The upper four bits of each byte.
        #[inline(always)]
        pub fn upper(self) -> V {
            V(sse!(_mm_and_si128(_mm_srli_epi16::<4>(self.0), _mm_set1_epi8(15))))
        }

        /// Of each byte of `places` the byte that stands at this place here; 0 for places beyond 127. Places of
        /// 16 to 127 do not occur.
        #[inline(always)]
        pub fn pick(self, places: V) -> V {
            V(sse!(_mm_shuffle_epi8(self.0, places.0)))
        }

        /// The first eight bytes and the last eight as words, the first byte lowest.
        #[inline(always)]
        pub fn words(self) -> (u64, u64) {
            (sse!(_mm_cvtsi128_si64(self.0)) as u64, sse!(_mm_extract_epi64::<1>(self.0)) as u64)
        }

        /// The number that sixteen decimal digits, as values 0 to 9, are.
        #[inline(always)]
        pub fn decimal(self) -> u64 {
            let twos = sse!(_mm_maddubs_epi16(self.0, _mm_set1_epi16(0x010a)));
            let fours = sse!(_mm_madd_epi16(twos, _mm_set1_epi32(0x0001_0064)));
            let narrow = sse!(_mm_packus_epi32(fours, fours));
            let eights = sse!(_mm_madd_epi16(narrow, _mm_set1_epi32(0x0001_2710)));
            let both = sse!(_mm_cvtsi128_si64(eights)) as u64;
            (both & 0xffff_ffff) * 100_000_000 + (both >> 32)
        }
    }
}

#[cfg(not(any(
    all(target_arch = "wasm32", target_feature = "simd128"),
    all(target_arch = "x86_64", target_feature = "sse4.1")
)))]
mod imp {
    /// Sixteen bytes.
    #[derive(Clone, Copy)]
    pub(crate) struct V([u8; 16]);

    impl V {
        /// # Safety
        /// Sixteen bytes can be read at `place`.
        #[inline(always)]
        pub unsafe fn load(place: *const u8) -> V {
            // SAFETY: as the caller says; bytes have no alignment.
            V(unsafe { place.cast::<[u8; 16]>().read() })
        }

        /// # Safety
        /// Sixteen bytes can be written at `place`.
        #[inline(always)]
        pub unsafe fn store(self, place: *mut u8) {
            // SAFETY: as the caller says; bytes have no alignment.
            unsafe { place.cast::<[u8; 16]>().write(self.0) }
        }

        #[inline(always)]
        fn each(self, other: V, of: impl Fn(u8, u8) -> u8) -> V {
            V(std::array::from_fn(|at| of(self.0[at], other.0[at])))
        }

        #[inline(always)]
        pub fn splat(byte: u8) -> V {
            V([byte; 16])
        }

        /// The same byte sixteen times, for loops: see `Held` of WebAssembly.
        #[inline(always)]
        pub fn held<const BYTE: u8>() -> V {
            V::splat(BYTE)
        }

        #[inline(always)]
        pub fn equal(self, other: V) -> V {
            self.each(other, |a, b| if a == b { 255 } else { 0 })
        }

        /// As signed bytes.
        #[inline(always)]
        pub fn below(self, other: V) -> V {
            self.each(other, |a, b| if (a as i8) < b as i8 { 255 } else { 0 })
        }

        /// As unsigned bytes.
        #[inline(always)]
        pub fn at_most(self, other: V) -> V {
            self.each(other, |a, b| if a <= b { 255 } else { 0 })
        }

        #[inline(always)]
        pub fn or(self, other: V) -> V {
            self.each(other, |a, b| a | b)
        }

        #[inline(always)]
        pub fn and(self, other: V) -> V {
            self.each(other, |a, b| a & b)
        }

        #[inline(always)]
        pub fn xor(self, other: V) -> V {
            self.each(other, |a, b| a ^ b)
        }

        #[inline(always)]
        pub fn add(self, other: V) -> V {
            self.each(other, u8::wrapping_add)
        }

        #[inline(always)]
        pub fn sub(self, other: V) -> V {
            self.each(other, u8::wrapping_sub)
        }

        /// Not below zero, as unsigned bytes.
        #[inline(always)]
        pub fn less(self, other: V) -> V {
            self.each(other, u8::saturating_sub)
        }

        /// One bit for the highest of each byte.
        #[inline(always)]
        pub fn bits(self) -> u32 {
            self.0.iter().enumerate().fold(0, |bits, (at, byte)| bits | u32::from(byte >> 7) << at)
        }

        #[inline(always)]
        pub fn any(self) -> bool {
            self.0 != [0; 16]
        }

        /// The upper four bits of each byte.
        #[inline(always)]
        pub fn upper(self) -> V {
            V(self.0.map(|byte| byte >> 4))
        }

        /// Of each byte of `places` the byte that stands at this place here; 0 for places beyond 127. Places of
        /// 16 to 127 do not occur.
        #[inline(always)]
        pub fn pick(self, places: V) -> V {
            V(places.0.map(|place| if place > 127 { 0 } else { self.0[usize::from(place) & 15] }))
        }

        /// The first eight bytes and the last eight as words, the first byte lowest.
        #[inline(always)]
        pub fn words(self) -> (u64, u64) {
            let both = u128::from_le_bytes(self.0);
            (both as u64, (both >> 64) as u64)
        }

        /// The number that sixteen decimal digits, as values 0 to 9, are.
        #[inline(always)]
        pub fn decimal(self) -> u64 {
            self.0.iter().fold(0, |value: u64, digit| value.wrapping_mul(10).wrapping_add(u64::from(*digit)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::V;

    fn load(bytes: &[u8; 16]) -> V {
        // SAFETY: an array of sixteen bytes can be read.
        unsafe { V::load(bytes.as_ptr()) }
    }

    fn bytes(vector: V) -> [u8; 16] {
        let mut bytes = [0; 16];
        // SAFETY: an array of sixteen bytes can be written.
        unsafe { vector.store(bytes.as_mut_ptr()) };
        bytes
    }

    #[test]
    fn does_for_each_byte_what_it_says() {
        let mut seed = 7_u64;
        let mut random = || {
            std::array::from_fn(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 56) as u8
            })
        };
        for _ in 0..if cfg!(miri) { 50 } else { 2000 } {
            let (a, b): ([u8; 16], [u8; 16]) = (random(), random());
            let (x, y) = (load(&a), load(&b));
            let mask = |holds: bool| if holds { 255 } else { 0 };
            let each = |of: &dyn Fn(u8, u8) -> u8| -> [u8; 16] { std::array::from_fn(|at| of(a[at], b[at])) };
            assert_eq!(bytes(x.equal(y)), each(&|a, b| mask(a == b)));
            assert_eq!(bytes(x.below(y)), each(&|a, b| mask((a as i8) < b as i8)));
            assert_eq!(bytes(x.at_most(y)), each(&|a, b| mask(a <= b)));
            assert_eq!(bytes(x.or(y)), each(&|a, b| a | b));
            assert_eq!(bytes(x.and(y)), each(&|a, b| a & b));
            assert_eq!(bytes(x.xor(y)), each(&|a, b| a ^ b));
            assert_eq!(bytes(x.add(y)), each(&u8::wrapping_add));
            assert_eq!(bytes(x.sub(y)), each(&u8::wrapping_sub));
            assert_eq!(bytes(x.less(y)), each(&u8::saturating_sub));
            assert_eq!(bytes(x.upper()), a.map(|a| a >> 4));
            assert_eq!(bytes(V::splat(a[0])), [a[0]; 16]);
            let bits = a.iter().enumerate().map(|(at, a)| u32::from(*a >= 128) << at).sum::<u32>();
            assert_eq!((x.bits(), x.any()), (bits, a != [0; 16]));
            let words = [&a[..8], &a[8..]].map(|half| u64::from_le_bytes(half.try_into().unwrap()));
            assert_eq!(x.words(), words.into());
            let places = b.map(|b| if b > 127 { b } else { b & 15 });
            let picked = places.map(|place| if place > 127 { 0 } else { a[usize::from(place)] });
            assert_eq!(bytes(x.pick(load(&places))), picked);
            let digits = a.map(|a| a % 10);
            let text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            assert_eq!(load(&digits).decimal(), text.parse().unwrap());
        }
        assert!(!V::splat(0).any());
    }
}
