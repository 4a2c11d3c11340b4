"""Pieces of jq programs for ``programs.py``.

P is a path, E an expression, F one that works on what comes, N a number, T a text, K a name. None of them
reads more input or the time, ends the process, or needs regular expressions, which not every jq has.

Left out, since we differ: ``reverse``, which jq fails on for a number with a fraction and not for others;
``paths`` as a path; and which of two errors comes first, or whether nothing comes before an error, in
``IN(f; g)``, ``.[f:g]`` and ``setpath(f; g)``; ``fromjson`` of texts such as ``-2.``, which are no JSON.
What a long run still meets: ``.. |= f`` where the update takes away what it would come to next.
"""

# What every jq since 1.6 does in one way.

PLAIN_PATHS = r"""
. .a .b .c .a.b .[0] .[1] .[-1] .[1:] .[:2] .[1:3] .[] .a[] .b[0] .. .[0].a first last (.a,.b) (.a//.b)
(.[0],.[1]) (.a|.b) (.[]|select(.))
"""
PLAIN_EXPRESSIONS = r"""
P
P | E
E, E
E + E
E - E
E == E
E != E
E < E
E <= E
E > E
E >= E
E and E
E or E
E // E
N
T
null
[E]
{a: E}
{a, b}
{a: E, b: E}
[.[]? | E]
if E then E else E end
E as $x | E, $x
reduce E as $x (0; . + 1)
[foreach (.[]|numbers) as $x (0; . + 1)]
isempty(E)
P | F
P | F
E | F
E | F
path(P)
[paths]
P = E
P += N
del(P)
to_entries
setpath([K]; E)
map(E)
map(select(E))
any
all
group_by(E)
sort_by(E)
[.[]? | tojson]
[range(N)]
"\(E)-\(E)"
@json "v\(E)"
"""
PLAIN_FILTERS = """
length type keys keys_unsorted not add sort unique min max tostring tojson ascii_downcase to_entries
from_entries flatten floor sqrt startswith("a") endswith("X") split(",") join(",") @text @json @csv @tsv
@uri @base64 any all has("a") has(0) contains("a") index("X") map(.) map_values(.) arrays objects numbers
strings nulls scalars group_by(.) unique_by(length) sort_by(.) min_by(.) max_by(.) tojson|fromjson del(.[0])
del(.a) with_entries(.) walk(.) utf8bytelength explode ascii_upcase
"""

# What jq does since 1.8.

PATHS = r"""
.["d\u0020e"] .[5] .[-2:] .[:-1] .[]? .a? .[0][1] .[1].b? getpath(["a","b"]) getpath(["a",0]) (.[]|.a?)
(if(.a)then(.a)else(.b)end) (.[]|numbers) recurse limit(2;.[]) first(.[]) nth(1) .[2:1] (.a|.[0]?)
"""
EXPRESSIONS = r"""
E * E
E / E
E % E
-(E)
{(T): E}
[P]
if E then E end
try (E) catch "caught"
(E)?
E as [$x, $y] | [$y, $x]
E as {a: $x} | $x
reduce .[]? as $x (null; $x)
foreach E as $x (0; . + 1; [., $x])
[foreach .[]? as $x (0; . + 1)]
[limit(N; E)]
first(E)
[first(E, E)]
label $f | E, break $f
def f: E; f
def f(g): g | g; f(E)
P | F
[path(P)]
[paths(E)]
P |= E
P |= F
P += E
P -= N
P *= N
P //= E
P /= N
del(P, P)
delpaths([[K], [K, 0]])
setpath([0, K]; E)
with_entries(.value |= E)
with_entries(select(E))
map_values(E)
walk(F)
any(E)
all(E)
sort_by(E, E)
unique_by(E)
min_by(E)
max_by(E)
pick(P)
getpath([K, N])
INDEX(E)
IN(E)
[range(N; N; N)]
@base64 "x\(E)"
@html "<\(E)>"
@uri "?\(E)"
.[E]?
.[N:E]?
limit(N; E)
skip(N; E)
[.[N:]?]
error(E)
getpath([])
to_entries | from_entries
ltrimstr(T)
"\(P)"
"""
FILTERS = """
values? tonumber implode flatten(1) ceil round abs toarray transpose tostream|. [tostream]
[tostream]|fromstream(.[]) trim ltrim rtrim trimstr("a") ltrimstr("a") rtrimstr("X") split("X") join("")
@html @base64d @base32 @base32d first last nth(0) first? contains(["a"]) contains({a:1}) inside("abc")
inside([1,2,3]) rindex("X") indices("X") indices(1) indices([1,2]) index(",") index(1) map_values(empty)
map(.+1) iterables booleans isnan isinfinite isnormal infinite nan|isnan getpath(["a"]) paths? del(.[])?
to_entries? with_entries(.)? limit(1;.[]?) until(true;.) [while(false;.)] bsearch(1) bsearch("a") pow(.;2)?
log2? trunc? getpath([0])? error? @json|fromjson ltrimstr(1) tojson|length limit(0;1,2) skip(1;.[]?)
del(.[1:])? del(.a,.b)? add(.[]?) any(.[]?;.) all(.[]?;.) in({"a":1})? in([1,2])? inside({"a":1})?
getpath(["a","b"])? error(null)? objects|keys trimstr("") limit(3;.[]?) getpath([])|length @urid?
ltrimstr("")
"""
WORDS = """
if then else elif end try catch as def reduce foreach label break and or not null true false
"""
