"""Pieces of jq programs for ``programs.py``.

P is a path, E an expression, F one that works on what comes, N a number, T a text, K a name. None of them
reads more input or the time, ends the process, or needs regular expressions, which not every jq has.
"""

PATHS = r"""
. .a .b .c .a.b .["d\u0020e"] .[0] .[1] .[-1] .[5] .[1:] .[:2] .[1:3] .[-2:] .[:-1] .[] .a[] .[]? .a? .b[0]
.. .[0].a .[0][1] first last .[1].b? (.a,.b) (.a//.b) (.[0],.[1]) (.a|.b) getpath(["a","b"]) getpath(["a",0])
(.[]|.a?) (if(.a)then(.a)else(.b)end) (.[]|select(.))
(.[]|numbers) recurse limit(2;.[]) first(.[]) nth(1) paths|. .[2:1] (.a|.[0]?)
"""
EXPRESSIONS = r"""
P
P | E
E, E
E + E
E - E
E * E
E / E
E % E
-(E)
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
{(T): E}
{a, b}
{a: E, b: E}
[P]
[.[]? | E]
if E then E else E end
if E then E end
try (E) catch "caught"
(E)?
E as $x | E, $x
E as [$x, $y] | [$y, $x]
E as {a: $x} | $x
reduce E as $x (0; . + 1)
reduce .[]? as $x (null; $x)
foreach E as $x (0; . + 1; [., $x])
[foreach .[]? as $x (0; . + 1)]
[limit(N; E)]
first(E)
[first(E, E)]
isempty(E)
label $f | E, break $f
def f: E; f
def f(g): g | g; f(E)
P | F
P | F
P | F
E | F
E | F
path(P)
[path(P)]
[paths]
[paths(E)]
P = E
P |= E
P |= F
P += E
P -= N
P *= N
P //= E
P /= N
del(P)
del(P, P)
to_entries
delpaths([[K], [K, 0]])
setpath([K]; E)
setpath([0, K]; E)
with_entries(.value |= E)
with_entries(select(E))
map(E)
map_values(E)
map(select(E))
walk(F)
any(E)
all(E)
any
all
group_by(E)
sort_by(E)
sort_by(E, E)
unique_by(E)
min_by(E)
max_by(E)
[.[]? | tojson]
pick(P)
getpath([K, N])
INDEX(E)
IN(E)
IN(E; E)
[range(N; N; N)]
[range(N)]
@base64 "x\(E)"
"\(E)-\(E)"
@json "v\(E)"
@html "<\(E)>"
@uri "?\(E)"
.[E]?
.[E:E]?
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
length type keys keys_unsorted values? not add sort unique reverse min max tostring tonumber tojson fromjson
ascii_downcase ascii_upcase explode implode utf8bytelength to_entries from_entries flatten flatten(1) floor
ceil round sqrt abs toarray transpose tostream|. [tostream] [tostream]|fromstream(.[]) trim ltrim rtrim
trimstr("a") ltrimstr("a") rtrimstr("X") startswith("a") endswith("X") split(",") split("X") join(",")
join("") @text @json @csv @tsv @html @uri @base64 @base64d @base32 @base32d first last nth(0) first? any all
has("a") has(0) contains("a") contains(["a"]) contains({a:1}) inside("abc") inside([1,2,3]) index("X")
rindex("X") indices("X") indices(1) indices([1,2]) index(",") index(1) map(.) map_values(.)
map_values(empty) map(.+1) arrays objects iterables booleans numbers strings nulls scalars isnan isinfinite
isnormal infinite nan|isnan group_by(.) unique_by(length) sort_by(.) min_by(.) max_by(.) tojson|fromjson
getpath(["a"]) paths? del(.[0]) del(.a) del(.[])? to_entries? with_entries(.)? limit(1;.[]?) until(true;.)
[while(false;.)] bsearch(1) bsearch("a") pow(.;2)? log2? trunc? getpath([0])? error? @json|fromjson
ltrimstr(1) tojson|length limit(0;1,2) skip(1;.[]?) del(.[1:])? del(.a,.b)? add(.[]?) any(.[]?;.)
all(.[]?;.) in({"a":1})? in([1,2])? inside({"a":1})? walk(.) getpath(["a","b"])? error(null)? objects|keys
trimstr("") limit(3;.[]?) getpath([])|length @urid? ltrimstr("")
"""
WORDS = """
if then else elif end try catch as def reduce foreach label break and or not null true false
"""
