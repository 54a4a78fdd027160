package doctor

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"example.com/scaffold/internal/discovery"
)

// ports binds and releases the callbacks' ports on this machine, as a sign-in
// does. Callbacks that lead to a mobile app are not looked at.
func (e *examiner) ports(ctx context.Context) []Finding {
	const check = "callback port"
	var findings []Finding
	free := 0
	for _, callback := range e.file.Tenant.Callbacks {
		u, err := url.Parse(callback.Value)
		if err != nil || u.Scheme != "http" {
			continue
		}
		if err := bind(ctx, u.Host); err != nil {
			findings = append(findings, Finding{
				Status: Warn, Check: check, Detail: fmt.Sprintf("%s cannot be used: %v", u.Host, err),
				Advice: "a sign-in goes on to the next callback; end the program that has this port, if it should not have it",
			})
			continue
		}
		free++
		findings = append(findings, Finding{Status: OK, Check: check, Detail: u.Host + " is free"})
	}
	if free == 0 {
		for i := range findings {
			findings[i].Status = Fail
			findings[i].Advice = "nobody can sign in on this machine: end the program that has the port, " +
				"or add a callback with another port here and at the tenant"
		}
	}
	return findings
}

func bind(ctx context.Context, address string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return listener.Close()
}

// What the clock may differ from the tenant's. A generated client allows one
// minute before it refuses ID tokens.
const (
	goodSkew = 30 * time.Second
	maxSkew  = 60 * time.Second
)

// clock compares this machine's clock with the Date header of a reply, whose
// fraction of a second is cut off. A reply from a cache is as old as its Age says.
func clock(reply discovery.Reply) []Finding {
	const check = "clock"
	date, err := http.ParseTime(reply.Header.Get("Date"))
	if err != nil {
		return one(Warn, check, "the tenant's replies have no date to compare with", "compare this machine's clock by other means")
	}
	if age, err := time.ParseDuration(reply.Header.Get("Age") + "s"); err == nil {
		date = date.Add(age)
	}
	date = date.Add(time.Second / 2)
	middle := reply.Sent.Add(reply.Received.Sub(reply.Sent) / 2)
	skew := middle.Sub(date).Round(time.Second)
	direction := "ahead of"
	if skew < 0 {
		skew, direction = -skew, "behind"
	}
	detail := fmt.Sprintf("this machine is %s %s the tenant", skew, direction)
	const advice = "set this machine's clock by NTP; ID tokens are refused from one minute on"
	switch {
	case skew < goodSkew:
		return one(OK, check, detail, "")
	case skew < maxSkew:
		return one(Warn, check, detail, advice)
	}
	return one(Fail, check, detail, advice)
}
