// Package freeport finds ports on loopback for what starts a little later, as
// tests and the demo have to: callbacks are registered before anybody listens.
package freeport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// Addresses returns addresses of 127.0.0.1 whose ports were free a moment ago.
// They are below those that a system gives to whoever asks for any (from 32768 on
// Linux, from 49152 elsewhere): the next connection would have one of these.
func Addresses(n int) (addresses []string, err error) {
	for range 100 + n {
		if len(addresses) == n {
			return addresses, nil
		}
		listener, listenErr := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.N(20_000)))
		if listenErr != nil {
			continue // taken
		}
		defer func() { err = errors.Join(err, listener.Close()) }() // all stay open until all are known
		addresses = append(addresses, listener.Addr().String())
	}
	return nil, fmt.Errorf("find %d free ports of 127.0.0.1: there are only %d", n, len(addresses))
}

// Callbacks returns redirect URIs at such addresses.
func Callbacks(n int) ([]string, error) {
	callbacks, err := Addresses(n)
	for i, address := range callbacks {
		callbacks[i] = "http://" + address + "/callback"
	}
	return callbacks, err
}
