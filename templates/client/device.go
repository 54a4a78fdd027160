package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// DeviceLogin is what a user needs for signing in by means of another device
// (RFC 8628 section 3.2). See [WithDeviceLogin].
type DeviceLogin struct {
	UserCode                string    // to enter at VerificationURI, or to compare
	VerificationURI         string    // to open on the other device
	VerificationURIComplete string    // the same with the code in it, for a QR code; may be empty
	ExpiresAt               time.Time // the code is worth nothing from then on
}

// ErrDeviceLoginExpired reports that nobody used the code of a [DeviceLogin] in
// time. [App.Login] gets a new one.
var ErrDeviceLoginExpired = errors.New("the code for signing in on another device has expired")

const (
	minPollInterval   = 5 * time.Second  // RFC 8628 section 3.2's for a reply that names none
	maxPollInterval   = 60 * time.Second // however long the tenant asks to wait
	slowDownStep      = 5 * time.Second  // RFC 8628 section 3.5
	maxDeviceLifetime = 30 * time.Minute // of a code
	deviceGrantType   = "urn:ietf:params:oauth:grant-type:device_code"
)

// deviceGrant is a sign-in that waits for the user's other device.
type deviceGrant struct {
	code     secret // the device_code
	shown    DeviceLogin
	lifetime time.Duration
	interval time.Duration // between two questions
}

// loginByDevice signs in by the device authorization grant (RFC 8628).
func (a *App) loginByDevice(ctx context.Context, meta metadata, scopes []string) (*Session, error) {
	grant, err := a.requestDeviceGrant(ctx, meta, scopes)
	if err != nil {
		return nil, err
	}
	if err := a.device(ctx, grant.shown); err != nil {
		return nil, fmt.Errorf("show the code: %w", err)
	}
	a.logger.InfoContext(ctx, "waiting for a sign-in on another device", "expires", grant.shown.ExpiresAt)
	reply, err := a.pollForTokens(ctx, grant)
	if err != nil {
		return nil, err
	}
	return a.signedIn(ctx, scopes, "", reply)
}

// showDeviceLogin is for applications without a place of their own for it. All
// of it has been checked to be printable.
func (a *App) showDeviceLogin(_ context.Context, login DeviceLogin) error {
	text := "To sign in, open this address on any device, and enter the code " + login.UserCode + ":\n\n" +
		login.VerificationURI + "\n\n"
	if login.VerificationURIComplete != "" {
		text += "Or open this one, and compare the code:\n\n" + login.VerificationURIComplete + "\n\n"
	}
	_, err := fmt.Fprintf(a.messages, "%sThe code is good until %s.\n", text, login.ExpiresAt.Format("15:04"))
	return err
}

// requestDeviceGrant begins a sign-in (RFC 8628 section 3.1). The configured
// parameters are for the authorization endpoint, and are not sent.
func (a *App) requestDeviceGrant(ctx context.Context, meta metadata, scopes []string) (deviceGrant, error) {
	if meta.deviceEndpoint == "" {
		return deviceGrant{}, errors.New("the tenant offers no sign-in on another device: its discovery document names no device_authorization_endpoint")
	}
	form := url.Values{"client_id": {a.config.ClientID}, "scope": {strings.Join(scopes, " ")}}
	a.addResource(form)
	a.addAudience(form)
	asked := a.now()
	grant, err := requestJSON(ctx, a.tenant, "ask for a device code", meta.deviceEndpoint, form, parseDeviceReply)
	if err != nil {
		return deviceGrant{}, err
	}
	grant.shown.ExpiresAt = asked.Add(grant.lifetime)
	return grant, nil
}

// deviceMembers are the members of a device authorization reply that are read.
var deviceMembers = []string{
	"device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval",
}

// parseDeviceReply reads the body of a device authorization reply (RFC 8628
// section 3.2), as strictly as [parseTokenReply] does and with its errors. All
// that is shown to the user is printable.
func parseDeviceReply(body []byte, sent url.Values) (deviceGrant, error) {
	object, err := parseOAuthReply(body, deviceMembers, sent)
	if err != nil {
		return deviceGrant{}, err
	}
	for _, name := range []string{"device_code", "user_code", "verification_uri", "expires_in"} {
		if !object.has(name) {
			return deviceGrant{}, malformedMember(errors.New(name + " is missing"))
		}
	}
	var grant deviceGrant
	var problems [4]error
	grant.code, problems[0] = tokenMember(object, "device_code")
	grant.shown.UserCode, problems[1] = userCodeMember(object, "user_code")
	grant.shown.VerificationURI, problems[2] = pageMember(object, "verification_uri")
	grant.lifetime, problems[3] = lifetimeMember(object, "expires_in")
	if err := cmp.Or(problems[:]...); err != nil {
		return deviceGrant{}, malformedMember(err)
	}
	grant.lifetime = min(grant.lifetime, maxDeviceLifetime)
	grant.interval = intervalMember(object, "interval")
	// Only a convenience: without it, the user enters the code.
	grant.shown.VerificationURIComplete, _ = pageMember(object, "verification_uri_complete")
	return grant, nil
}

// userCodeMember reads what a person is to type.
func userCodeMember(object strictObject, name string) (string, error) {
	code, err := object.text(name)
	if err != nil {
		return "", err
	}
	if code == "" || printableText(code, 64) != code {
		return "", fmt.Errorf("%s is empty, too long or not printable", name)
	}
	return code, nil
}

// pageMember reads the address of a page that the user is sent to. It holds
// only the characters of a URL, since it is printed.
func pageMember(object strictObject, name string) (string, error) {
	address, err := object.text(name)
	if err != nil {
		return "", err
	}
	if _, err := requireSecureURL(address); err != nil || checkBrowserURL(address) != nil || len(address) > 2048 {
		return "", fmt.Errorf("%s is not an https URL", name)
	}
	return address, nil
}

// intervalMember reads seconds, whatever they are: what is no number, or less
// than 5, is 5, and a part of a second is a whole one.
func intervalMember(object strictObject, name string) time.Duration {
	// A number beyond all numbers is an infinity, and what is none is 0.
	seconds, _ := strconv.ParseFloat(strings.Trim(string(object[name]), `"`), 64)
	if seconds > minPollInterval.Seconds() { // not for NaN
		return time.Duration(math.Ceil(min(seconds, maxPollInterval.Seconds()))) * time.Second
	}
	return minPollInterval
}

// pollForTokens asks for the tokens until the user has signed in, has declined,
// or the code has expired (RFC 8628 sections 3.4 and 3.5).
func (a *App) pollForTokens(ctx context.Context, grant deviceGrant) (tokenReply, error) {
	form := url.Values{"grant_type": {deviceGrantType}, "device_code": {grant.code.reveal()}}
	a.addResource(form)
	pause := grant.interval
	var trouble error // of the last question
	ended := func(err error) error {
		err = fmt.Errorf("wait for the sign-in on the other device: %w", err)
		if trouble != nil {
			err = fmt.Errorf("%w; the last answer was: %v", err, trouble)
		}
		return err
	}
	for {
		left := grant.shown.ExpiresAt.Sub(a.now())
		if err := a.wait(ctx, min(pause, left)); err != nil {
			return tokenReply{}, ended(err)
		}
		if !a.now().Before(grant.shown.ExpiresAt) {
			return tokenReply{}, ended(ErrDeviceLoginExpired)
		}
		reply, err := a.tenant.requestTokens(ctx, form)
		if err == nil {
			return reply, nil
		}
		if ctx.Err() != nil {
			return tokenReply{}, ended(context.Cause(ctx))
		}
		trouble = nil
		if _, temporary := errors.AsType[*temporaryError](err); temporary {
			trouble = err
		}
		if pause, err = grant.carryOn(err); err != nil {
			return tokenReply{}, err
		}
	}
}

// carryOn returns how long to wait after a question that failed with err, or
// the error that ends the sign-in. A tenant in trouble is asked less and less
// often (RFC 8628 section 3.5).
func (g *deviceGrant) carryOn(err error) (pause time.Duration, end error) {
	var code string
	if refusal, ok := errors.AsType[*TenantError](err); ok {
		code = refusal.Code
	}
	trouble, temporary := errors.AsType[*temporaryError](err)
	switch {
	case code == "authorization_pending":
	case code == "slow_down":
		g.interval += slowDownStep
	case code == "expired_token":
		return 0, fmt.Errorf("%w: %w", ErrDeviceLoginExpired, err)
	case temporary:
		g.interval = max(g.interval, min(2*g.interval, maxPollInterval))
	default:
		return 0, err
	}
	if temporary {
		return max(g.interval, trouble.retryAfter), nil
	}
	return g.interval, nil
}
