// A transform by hand, with nothing but docs/abi.md: keeps of each person of 18 years or more the id and the name.
//
//   clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -o adults.wasm adults.c
//   wasmrecords manifest attach adults.wasm manifest.json
//   wasmrecords run -m adults.wasm people.ndjson
//
// Input and output are NDJSON. There is no C library: memory is the arena, then the output, one behind the other.

typedef unsigned char byte;
typedef __UINT32_TYPE__ u32;

#define EXPORT(name) __attribute__((export_name(#name))) name
#define LEVELS 128
#define FAILURES 1024

// --- what the host reads: the words of docs/abi.md -------------------------------------------------

static struct {
    u32 magic, size, finished, written, dropped, failed, consumed, state;
    u32 outputs, output_count, failures, failure_count, lineage, lineage_count, log, log_length, panic, panic_length;
} reply __attribute__((aligned(8)));

static struct { u32 address, length, records; } output;

typedef struct { u32 record, start, length, offset, code, code_length, path, path_length, message, message_length; } row;
static row rows[FAILURES];

// What is stored here the host may see at any moment: the compiler must keep the order.
#define BARRIER() __asm__ volatile("" ::: "memory")

// --- memory ------------------------------------------------------------------------------------------

extern byte __heap_base;
static u32 arena_size; // of the arena, and of the output behind it: no output is longer than its input

static byte *arena(void) { return &__heap_base; }
static byte *out(void) { return arena() + arena_size; }

u32 EXPORT(wr_arena)(u32 min) {
    if (min > 0x60000000) return 0;
    u32 wanted = (min + 0xffff) & ~0xffffu;
    if (wanted > arena_size) {
        u32 pages = ((u32)arena() + 2 * wanted + 0xffff) >> 16, have = __builtin_wasm_memory_size(0);
        if (pages > have && __builtin_wasm_memory_grow(0, pages - have) == (__SIZE_TYPE__)-1) return 0;
        arena_size = wanted;
    }
    return (u32)arena();
}

// --- JSON --------------------------------------------------------------------------------------------

typedef struct { const byte *at, *end; } text;
typedef struct { const byte *start, *end; } span;

static void blank(text *t) {
    while (t->at < t->end && (*t->at == ' ' || *t->at == '\t' || *t->at == '\r' || *t->at == '\n')) t->at++;
}

static int take(text *t, byte wanted) {
    if (t->at == t->end || *t->at != wanted) return 0;
    t->at++;
    return 1;
}

static int digits(text *t) {
    const byte *start = t->at;
    while (t->at < t->end && *t->at >= '0' && *t->at <= '9') t->at++;
    return t->at > start;
}

static int number(text *t) {
    take(t, '-');
    if (!take(t, '0') && !digits(t)) return 0;
    if (take(t, '.') && !digits(t)) return 0;
    if (take(t, 'e') || take(t, 'E')) {
        if (!take(t, '+')) take(t, '-');
        return digits(t);
    }
    return 1;
}

static int hex(text *t, u32 *value) {
    *value = 0;
    for (int i = 0; i < 4; i++, t->at++) {
        if (t->at == t->end) return 0;
        byte c = *t->at, low = c | 0x20;
        if (c >= '0' && c <= '9') *value = *value << 4 | (c - '0');
        else if (low >= 'a' && low <= 'f') *value = *value << 4 | (low - 'a' + 10);
        else return 0;
    }
    return 1;
}

// A character of more than one byte: UTF-8 is checked here.
static int character(text *t) {
    byte first = *t->at++;
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || t->end - t->at < more) return 0;
    byte second = *t->at;
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
        (first == 0xf4 && second > 0x8f))
        return 0;
    for (int i = 0; i < more; i++, t->at++)
        if ((*t->at & 0xc0) != 0x80) return 0;
    return 1;
}

static int escape(text *t) {
    if (t->at == t->end) return 0;
    byte c = *t->at++;
    if (c != 'u') return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
    u32 high, low;
    if (!hex(t, &high)) return 0;
    if (high < 0xd800 || high > 0xdfff) return 1;
    return high < 0xdc00 && take(t, '\\') && take(t, 'u') && hex(t, &low) && low >= 0xdc00 && low <= 0xdfff;
}

static int string(text *t) {
    if (!take(t, '"')) return 0;
    while (t->at < t->end) {
        byte c = *t->at;
        if (c == '"') return t->at++, 1;
        if (c < 0x20) return 0;
        if (c >= 0x80) {
            if (!character(t)) return 0;
        } else {
            t->at++;
            if (c == '\\' && !escape(t)) return 0;
        }
    }
    return 0;
}

static int word(text *t, const char *wanted) {
    for (; *wanted; wanted++)
        if (!take(t, (byte)*wanted)) return 0;
    return 1;
}

static int same(span name, const char *wanted) {
    const byte *at = name.start;
    while (*wanted && at < name.end && *at == (byte)*wanted) at++, wanted++;
    return !*wanted && at == name.end;
}

typedef struct { span id, name, age; } person;

// A value; of the members of the outermost object it notes those that are asked for.
static int value(text *t, int levels, person *p) {
    if (t->at == t->end) return 0;
    switch (*t->at) {
    case '"': return string(t);
    case 't': return word(t, "true");
    case 'f': return word(t, "false");
    case 'n': return word(t, "null");
    default: return number(t);
    case '[':
    case '{': break;
    }
    byte open = *t->at++, close = open == '{' ? '}' : ']';
    if (levels == 0) return 0;
    blank(t);
    if (take(t, close)) return 1;
    do {
        blank(t);
        span name = {t->at, t->at};
        if (open == '{') {
            if (!string(t)) return 0;
            name = (span){name.start + 1, t->at - 1};
            blank(t);
            if (!take(t, ':')) return 0;
            blank(t);
        }
        span found = {t->at, t->at};
        if (!value(t, levels - 1, 0)) return 0;
        found.end = t->at;
        if (p && open == '{') {
            if (same(name, "id")) p->id = found;
            if (same(name, "name")) p->name = found;
            if (same(name, "age")) p->age = found;
        }
        blank(t);
    } while (take(t, ','));
    return take(t, close);
}

// --- the transform -----------------------------------------------------------------------------------

static void put(byte **to, span from) {
    while (from.start < from.end) *(*to)++ = *from.start++;
}

static span literal(const char *text) {
    const char *end = text;
    while (*end) end++;
    return (span){(const byte *)text, (const byte *)end};
}

static void fail(span record, const byte *place, const char *code, const char *message) {
    span c = literal(code), m = literal(message), path = literal("$");
    rows[reply.failed] = (row){
        reply.finished, (u32)(record.start - arena()), (u32)(record.end - record.start), (u32)(place - arena()),
        (u32)c.start, (u32)(c.end - c.start), (u32)path.start, 1, (u32)m.start, (u32)(m.end - m.start),
    };
}

// Rows and output first, the counts last, so that the reply is true whenever the host looks.
static void done(byte *end, int kept, int failed, const byte *behind) {
    BARRIER();
    reply.finished++;
    reply.dropped += !kept && !failed;
    reply.failed += failed;
    reply.failure_count = reply.failed;
    reply.written += kept;
    reply.consumed = (u32)(behind - arena());
    output.length = (u32)(end - out());
    output.records = reply.written;
    BARRIER();
}

static void record(span line, const byte *behind) {
    byte *end = out() + output.length;
    text t = {line.start, line.end};
    person p = {{0, 0}, {0, 0}, {0, 0}};
    blank(&t);
    const byte *start = t.at;
    int right = value(&t, LEVELS, &p);
    blank(&t);
    if (!right || t.at != t.end) {
        fail(line, t.at, "json", "no JSON from here on");
        return done(end, 0, 1, behind);
    }
    if (*start != '{') {
        fail(line, start, "type", "expected object");
        return done(end, 0, 1, behind);
    }
    if (!p.id.start || !p.name.start || !p.age.start) {
        fail(line, start, "required", "expected the members id, name and age");
        return done(end, 0, 1, behind);
    }
    u32 age = 0;
    const byte *at = p.age.start;
    while (at < p.age.end && *at >= '0' && *at <= '9' && age < 1000) age = age * 10 + (*at++ - '0');
    if (at != p.age.end) {
        fail(line, p.age.start, "type", "expected an age: an integer from 0 to 999");
        return done(end, 0, 1, behind);
    }
    if (age < 18) return done(end, 0, 0, behind);
    put(&end, literal("{\"id\":"));
    put(&end, p.id);
    put(&end, literal(",\"name\":"));
    put(&end, p.name);
    put(&end, literal("}\n"));
    done(end, 1, 0, behind);
}

static void begin(void) {
    reply.finished = reply.written = reply.dropped = reply.failed = reply.consumed = reply.failure_count = 0;
    output.address = (u32)out();
    output.length = output.records = 0;
    BARRIER();
}

void EXPORT(wr_abi_v1)(void) {}

u32 EXPORT(wr_open)(u32 length) {
    (void)length; // there is no config, and the encodings are those of the manifest
    __builtin_memcpy(&reply.magic, "WRB1", 4);
    reply.size = sizeof reply;
    reply.outputs = (u32)&output;
    reply.output_count = 1;
    reply.failures = (u32)rows;
    begin();
    return (u32)&reply;
}

u32 EXPORT(wr_batch)(u32 length, u32 flags) {
    begin();
    const byte *at = arena(), *end = at + length;
    while (at < end && reply.failed < FAILURES) {
        const byte *stop = at;
        int text = 0;
        for (; stop < end && *stop != '\n'; stop++) text |= *stop != ' ' && *stop != '\t' && *stop != '\r';
        if (stop == end && !(flags & 1)) break; // the rest of it is yet to come
        const byte *behind = stop < end ? stop + 1 : stop;
        if (!text) {
            reply.consumed = (u32)(behind - arena());
        } else {
            record((span){at, stop > at && stop[-1] == '\r' ? stop - 1 : stop}, behind);
        }
        at = behind;
    }
    return 0;
}
