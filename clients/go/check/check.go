// Package check keeps the record of a walk: one line for each operation, "ok NAME" or "FAIL NAME: why".
package check

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"
)

// Walk counts what failed. The zero value is ready.
type Walk struct{ failed int }

// Did records an operation. It failed with err, or with each text of wrong that says something.
func (w *Walk) Did(operation string, err error, wrong ...string) {
	var said []string
	if err != nil {
		said = append(said, err.Error())
	} else {
		for _, text := range wrong {
			if text != "" {
				said = append(said, text)
			}
		}
	}
	if len(said) == 0 {
		fmt.Println("ok", operation)
		return
	}
	w.failed++
	fmt.Printf("FAIL %s: %s\n", operation, strings.Join(said, "; "))
}

// Add takes over what failed in another walk.
func (w *Walk) Add(other Walk) { w.failed += other.failed }

// End leaves the program: with status 1 if anything failed.
func (w *Walk) End() {
	if w.failed > 0 {
		os.Exit(1)
	}
	os.Exit(0)
}

// Same says what is wrong when got is not want.
func Same(what string, got, want any) string {
	if reflect.DeepEqual(got, want) {
		return ""
	}
	return fmt.Sprintf("%s is %#v, not %#v", what, got, want)
}

// That says what is wrong when the condition does not hold.
func That(what string, holds bool) string {
	if holds {
		return ""
	}
	return what
}

// Month says what is wrong when the two RFC 3339 times are not 30 days apart.
func Month(created, expires string) string {
	from, err := time.Parse(time.RFC3339, created)
	if err != nil {
		return "createdAt: " + err.Error()
	}
	to, err := time.Parse(time.RFC3339, expires)
	if err != nil {
		return "expiresAt: " + err.Error()
	}
	return Same("the time to expiry", to.Sub(from), 30*24*time.Hour)
}

// Setting returns a variable that the dev server's env file sets; without it there is nothing to walk.
func Setting(name string) string {
	value := os.Getenv(name)
	if value == "" {
		fmt.Fprintln(os.Stderr, name, "is not set: load the env file of antechamber dev")
		os.Exit(2)
	}
	return strings.TrimSuffix(value, "/")
}
