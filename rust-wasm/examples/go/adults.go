// A transform by hand in Go, with nothing but docs/abi.md: keeps of each person of 18 years or more the id and the
// name.
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags="-s -w" -o adults.wasm .
//	wasmrecords manifest attach adults.wasm manifest.json
//	wasmrecords run -m adults.wasm --allow clock,random people.ndjson
//
// Go's runtime asks for the time and for random bytes before anything else runs, and ends without: the manifest wants
// both, and whoever runs the module grants a clock that counts records and bytes that repeat.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
	"unsafe"
)

// So many records of one batch may fail; it ends then, and the rest comes again.
const failures = 1024

// The words of the reply block.
const (
	magic = iota
	size
	finished
	written
	dropped
	failed
	consumed
	state
	outputs
	outputCount
	failureTable
	failureCount
	words = 18
)

// What the host reads. It stays where it is: Go moves nothing that is global.
var (
	reply  [words / 2]uint64 // so that it stands at a multiple of eight
	output [3]uint32
	rows   [failures][10]uint32
	arena  []byte
	text   []byte
	names  = [][]byte{[]byte("$"), []byte("json"), []byte("type"), []byte("required")}
	said   [failures]string // keeps the messages alive
)

func word(at int) *uint32 {
	return (*uint32)(unsafe.Add(unsafe.Pointer(&reply), 4*at))
}

func address[T any](of *T) uint32 {
	return uint32(uintptr(unsafe.Pointer(of)))
}

//go:wasmexport wr_abi_v1
func marker() {}

//go:wasmexport wr_arena
func makeArena(least uint32) uint32 {
	if len(arena) < int(least) || arena == nil {
		arena = make([]byte, int(least)+64)
	}
	return address(&arena[0])
}

//go:wasmexport wr_open
func open(length uint32) uint32 {
	*word(magic) = 'W' | 'R'<<8 | 'B'<<16 | '1'<<24
	*word(size) = 4 * words
	*word(outputs), *word(outputCount) = address(&output), 1
	*word(failureTable) = address(&rows)
	begin()
	return address(&reply)
}

func begin() {
	for _, at := range []int{finished, written, dropped, failed, consumed, failureCount} {
		*word(at) = 0
	}
	// A batch writes into memory of its own: what the host has not read yet must not move.
	text = make([]byte, 0, len(arena)+64)
	output = [3]uint32{address(&text[:1][0]), 0, 0}
}

//go:wasmexport wr_batch
func batch(length, flags uint32) uint32 {
	begin()
	at := 0
	for at < int(length) && *word(failed) < failures {
		line := arena[at:length]
		end := bytes.IndexByte(line, '\n')
		if end < 0 && flags&1 == 0 {
			break // the rest of it is yet to come
		}
		behind := at + end + 1
		if end < 0 {
			end, behind = len(line), int(length)
		}
		line = bytes.TrimSuffix(line[:end], []byte("\r"))
		if len(bytes.Trim(line, " \t\r")) > 0 {
			record(line, at, behind)
		} else {
			*word(consumed) = uint32(behind)
		}
		at = behind
	}
	return 0
}

func record(line []byte, start, behind int) {
	var members map[string]json.RawMessage
	var age uint16
	err := json.Unmarshal(line, &members)
	id, name := members["id"], members["name"]
	var broken *json.SyntaxError
	switch {
	case !utf8.Valid(line):
		fail(line, start, 0, 1, "expected UTF-8")
	case errors.As(err, &broken):
		fail(line, start, int(broken.Offset)-1, 1, broken.Error())
	case members == nil:
		fail(line, start, 0, 2, "expected object")
	case id == nil || name == nil || members["age"] == nil:
		fail(line, start, 0, 3, "expected the members id, name and age")
	case json.Unmarshal(members["age"], &age) != nil || string(members["age"]) == "null" || age > 999:
		fail(line, start, 0, 2, "expected an age: an integer from 0 to 999")
	case age < 18:
		done(behind, 0, 1, 0)
		return
	default:
		for _, part := range [][]byte{[]byte(`{"id":`), id, []byte(`,"name":`), name, []byte("}\n")} {
			text = append(text, part...)
		}
		done(behind, 1, 0, 0)
		return
	}
	done(behind, 0, 0, 1)
}

func fail(line []byte, start, offset, code int, message string) {
	row := *word(failed)
	said[row] = message
	offset = min(max(offset, 0), len(line))
	rows[row] = [10]uint32{
		*word(finished), uint32(start), uint32(len(line)), uint32(start + offset),
		address(&names[code][0]), uint32(len(names[code])), address(&names[0][0]), 1,
		uint32(uintptr(unsafe.Pointer(unsafe.StringData(message)))), uint32(len(message)),
	}
}

// Rows and output first, the counts last, so that the reply is true whenever the host looks.
func done(behind int, kept, drop, bad uint32) {
	output[1] = uint32(len(text))
	output[2] += kept
	*word(written) += kept
	*word(dropped) += drop
	*word(failed) += bad
	*word(failureCount) += bad
	*word(consumed) = uint32(behind)
	*word(finished)++
}

func main() {}
