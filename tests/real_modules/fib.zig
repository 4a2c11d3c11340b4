// Bare Zig.
export fn fib(n: u32) u64 {
    var a: u64 = 0;
    var b: u64 = 1;
    var left = n;
    while (left > 0) : (left -= 1) {
        const next = a +% b;
        a = b;
        b = next;
    }
    return a;
}
