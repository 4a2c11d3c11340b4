// Go's runtime and nothing else: its data comes in tens of thousands of segments.
package main

func main() { println("hello", len(names)) }

var names = map[string]int{"a": 1}
