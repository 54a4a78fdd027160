package freeport_test

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"example.com/scaffold/internal/freeport"
)

func TestCallbacks(t *testing.T) {
	callbacks, err := freeport.Callbacks(50)
	if err != nil || len(callbacks) != 50 {
		t.Fatal(callbacks, err)
	}
	slices.Sort(callbacks)
	if len(slices.Compact(callbacks)) != 50 {
		t.Errorf("two are one: %q", callbacks)
	}
	for _, callback := range callbacks {
		u, err := url.Parse(callback)
		if err != nil {
			t.Fatal(err)
		}
		port, err := strconv.Atoi(u.Port())
		if err != nil || port >= 32768 || u.Hostname() != "127.0.0.1" {
			t.Errorf("%s: %v", callback, err)
		}
		if connection, err := net.Dial("tcp", u.Host); err == nil {
			t.Errorf("%s is not let go: %v", callback, connection.Close())
		}
	}
}
