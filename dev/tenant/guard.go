package tenant

import (
	"net"
	"net/http"
	"strings"
)

// OnlyHere refuses a request that names another host than this one, at this
// port: a page whose name was made to resolve to a loopback address would send
// one (DNS rebinding), and could then read the answers.
func OnlyHere(next http.Handler, port string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, at, err := net.SplitHostPort(r.Host)
		ip := net.ParseIP(host)
		if err != nil || at != port || !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
			say(r.Context(), "the request is for another host")
			http.Error(w, "This server answers for loopback addresses only.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
