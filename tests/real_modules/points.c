// Bare C: no library, a global table of functions, a loop for the vector unit.
typedef int (*step)(int);

static int twice(int value) { return 2 * value; }
static int square(int value) { return value * value; }
step steps[] = {twice, square};

__attribute__((export_name("apply"))) int apply(int which, int value) { return steps[which & 1](value); }

__attribute__((export_name("total"))) float total(const float *values, int count) {
  float sum = 0;
  for (int at = 0; at < count; at++) sum += values[at];
  return sum;
}
