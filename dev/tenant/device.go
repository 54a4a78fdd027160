package tenant

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"example.com/scaffold/dev/pages"
)

// devicePath is where a person enters the code that another device shows.
const devicePath = "/device"

// deviceConfig is how zitadel makes the codes (RFC 8628). Their life is by
// time.Now: zitadel compares it itself.
func deviceConfig() op.DeviceAuthorizationConfig {
	return op.DeviceAuthorizationConfig{
		Lifetime: 5 * time.Minute, PollInterval: 5 * time.Second,
		UserFormPath: devicePath, UserCode: op.UserCodeBase20,
	}
}

// deviceSignIn is a sign-in whose answer another device waits for.
type deviceSignIn struct {
	*signIn
	expires time.Time
}

type audienceKey struct{}

// DeviceAuthorization begins a sign-in by device code. zitadel does not know of
// audiences, so that goes past it.
func (s *server) DeviceAuthorization(ctx context.Context, r *op.ClientRequest[oidc.DeviceAuthorizationRequest]) (*op.Response, error) {
	say(ctx, "device authorization request: scope %q", r.Form.Get("scope"))
	audience := s.cfg.audienceIn(r.Form)
	if audience != "" && audience != s.cfg.Audience {
		return nil, oidc.ErrInvalidTarget()
	}
	return s.LegacyServer.DeviceAuthorization(context.WithValue(ctx, audienceKey{}, audience), r)
}

// DeviceToken answers a device that asks whether its person has signed in.
func (s *server) DeviceToken(ctx context.Context, r *op.ClientRequest[oidc.DeviceAccessTokenRequest]) (*op.Response, error) {
	say(ctx, "token request: device_code")
	if _, err := op.CheckDeviceAuthorizationState(ctx, r.Client.GetID(), r.Data.DeviceCode, s.Provider()); err != nil {
		return nil, s.refusal(err)
	}
	in, err := s.store.takeDevice(ctx, r.Data.DeviceCode)
	if err != nil {
		return nil, s.refusal(err)
	}
	audience, err := resourceOf(in.audience, s.cfg.Audience, r.Form.Get("resource"))
	if err != nil {
		return nil, s.refusal(err)
	}
	t, err := s.store.open(in, "", audience)
	if err != nil {
		return nil, s.refusal(err)
	}
	say(ctx, "tokens for %s: scope %q%s", s.store.nameOf(in.subject), strings.Join(t.scopes, " "), andRefresh(t))
	return s.reply(ctx, r.Client, t, in)
}

// StoreDeviceAuthorization implements op.DeviceAuthorizationStorage. The user
// code is the sign-in's id at the login page.
func (s *store) StoreDeviceAuthorization(ctx context.Context, clientID, deviceCode, userCode string, expires time.Time, scopes []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, used := s.signIns[userCode]; used {
		return op.ErrDuplicateUserCode
	}
	audience, _ := ctx.Value(audienceKey{}).(string)
	in := &signIn{id: userCode, request: oidc.AuthRequest{ClientID: clientID, Scopes: scopes}, audience: audience, begun: s.now(), onDevice: true}
	s.signIns[userCode] = in
	s.devices[deviceCode] = deviceSignIn{in, expires}
	return nil
}

// GetDeviceAuthorizatonState implements op.DeviceAuthorizationStorage.
func (s *store) GetDeviceAuthorizatonState(_ context.Context, clientID, deviceCode string) (*op.DeviceAuthorizationState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.devices[deviceCode]
	if !ok || in.request.ClientID != clientID {
		return nil, errOver
	}
	return &op.DeviceAuthorizationState{
		ClientID: clientID, Scopes: in.request.Scopes, Expires: in.expires,
		Done: in.subject != "", Denied: in.denied, Subject: in.subject, AuthTime: in.authTime,
	}, nil
}

// takeDevice claims a device code, which is good for one set of tokens.
func (s *store) takeDevice(ctx context.Context, deviceCode string) (*signIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.devices[deviceCode]
	if !ok {
		return nil, oidc.ErrInvalidGrant().WithDescription("the device code was used before")
	}
	delete(s.devices, deviceCode)
	delete(s.signIns, in.id)
	return in.view(ctx), nil
}

// showDevice asks for the code, or goes on with that in the address.
func (f *front) showDevice(w http.ResponseWriter, r *http.Request) {
	say(r.Context(), "device page")
	code := strings.ToUpper(strings.TrimSpace(r.FormValue("user_code")))
	if code == "" {
		pages.Device(w, pages.DeviceView{Action: devicePath})
		return
	}
	in, err := f.store.pending(code)
	if err != nil || !in.onDevice {
		say(r.Context(), "unknown code")
		pages.Device(w, pages.DeviceView{
			Status: http.StatusBadRequest, Action: devicePath, Code: code,
			Problem: "No device waits with this code. It may have expired.",
		})
		return
	}
	f.proceed(w, r, in)
}

func endOnDevice(w http.ResponseWriter) {
	pages.End(w, "Signed in", "Your device is signed in. You can close this window and go back to it.")
}
