package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"example.com/scaffold/dev"
	"example.com/scaffold/dev/fault"
	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/internal/generate"
	"example.com/scaffold/spec"
	"github.com/spf13/cobra"
)

type devFlags struct {
	addr, apiAddr string
	tokenTTL      time.Duration
	rotation      bool
	overlap       time.Duration
	faults        []string
	state         string
}

func newDevCommand() *cobra.Command {
	var flags devFlags
	cmd := &cobra.Command{
		Use:   "dev [SPEC]",
		Short: "Serve a spec's tenant and API on this machine, for development",
		Long: `dev serves a tenant and a stand-in for the API of SPEC (scaffold.yaml unless named;
- is standard input) on this machine, until it is interrupted: people sign in there as
at the real tenant, consent to scopes, get tokens, and the API enforces the spec. Who
can sign in, and with which roles, is the spec's key dev. It answers on loopback
addresses only: whoever reaches it can sign in as anybody.

It prints how to point the client at it, and a line for each request, which says what
step of the flow it is and holds no secret.

A fault is [ENDPOINT:]KIND[=DURATION][xTIMES]. The kinds are slow, 500, 429, expired
(access tokens are, from the beginning) and revoked (refresh tokens are found so); the
endpoints are authorize, token, revoke, userinfo, discovery, jwks, device and api; the
token endpoint and the API, if none is named.`,
		Example: `  scaffold dev timesheets.yaml
  scaffold dev --token-ttl 30s --overlap 10s          # renewals happen while you watch
  scaffold dev --fault token:500x3 --fault api:slow=2s
  scaffold dev --state dev-state.json                 # sign-ins survive a restart`,
		Args:              arguments(0, 1),
		ValidArgsFunction: completeSpec,
		RunE: func(cmd *cobra.Command, args []string) error {
			src, err := generate.ReadSource(specArgument(args), cmd.InOrStdin())
			if err != nil {
				return err
			}
			file, _, err := compile(src, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return serve(ctx, file, flags, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&flags.addr, "addr", "127.0.0.1:8400", "where the tenant listens, on loopback")
	cmd.Flags().StringVar(&flags.apiAddr, "api-addr", "127.0.0.1:8401", "where the API listens, on loopback")
	cmd.Flags().DurationVar(&flags.tokenTTL, "token-ttl", time.Hour, "how long access tokens are good")
	cmd.Flags().BoolVar(&flags.rotation, "rotation", true, "replace a refresh token when it is used")
	cmd.Flags().DurationVar(&flags.overlap, "overlap", 0, "for how long a replaced refresh token is still taken")
	cmd.Flags().StringArrayVar(&flags.faults, "fault", nil, "what goes wrong: slow=2s, 500, 429, expired, revoked; may be repeated")
	cmd.Flags().StringVar(&flags.state, "state", "", "file in which sign-ins, keys and consents survive a restart")
	return cmd
}

// serve runs the tenant and the API until ctx is done.
func serve(ctx context.Context, file *spec.File, flags devFlags, stdout io.Writer) error {
	faults, err := flags.check()
	if err != nil {
		return err
	}
	out := &devOutput{to: stdout, color: colored(stdout), guided: make(chan struct{})}
	server, err := dev.Start(dev.Config{
		Spec: file, Addr: flags.addr, APIAddr: flags.apiAddr, AccessTokenLifetime: flags.tokenTTL,
		NoRotation: !flags.rotation, Overlap: flags.overlap, StateFile: flags.state, Log: out.event,
	})
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w; choose another with --addr or --api-addr", err)
	}
	if err != nil {
		return err
	}
	defer server.Close()
	for _, f := range faults {
		server.Faults().Add(f)
	}
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	defer signal.Stop(hangUp)
	if err := out.guide(devGuide(server, file, flags)); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangUp:
			if err := server.Tenant().RotateKeys(); err != nil {
				return err
			}
			out.say("signing keys are rotated")
		}
	}
}

// check refuses flags that do not fit together, and reads the faults.
func (flags devFlags) check() ([]fault.Fault, error) {
	if flags.overlap < 0 || flags.overlap > 0 && !flags.rotation {
		return nil, fmt.Errorf("--overlap %s: it must not be negative, and needs --rotation", flags.overlap)
	}
	if flags.tokenTTL < time.Second {
		return nil, fmt.Errorf("--token-ttl %s: it must be a second or more", flags.tokenTTL)
	}
	var faults []fault.Fault
	for _, text := range flags.faults {
		f, err := fault.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("--fault: %w", err)
		}
		faults = append(faults, f)
	}
	return faults, nil
}

// devOutput prints what many goroutines have to say: first the guide, then a
// line each.
type devOutput struct {
	mu     sync.Mutex
	to     io.Writer
	color  bool
	guided chan struct{} // closed once the guide is printed
}

func (o *devOutput) guide(text string) error {
	defer close(o.guided)
	_, err := io.WriteString(o.to, text)
	if err != nil {
		return fmt.Errorf("print the guide: %w", err)
	}
	return nil
}

func (o *devOutput) event(e tenant.Event) { o.say(e.Text(o.color)) }

func (o *devOutput) say(line string) {
	<-o.guided
	o.mu.Lock()
	defer o.mu.Unlock()
	// Nobody may read it any more; the tenant goes on.
	_, _ = fmt.Fprintln(o.to, line)
}

// devGuide is what somebody who has started it has to know.
func devGuide(s *dev.Server, file *spec.File, flags devFlags) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	// A strings.Builder takes everything.
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }

	line("scaffold dev, for development only: whoever reaches these addresses can sign in as anybody.\n")
	line("  tenant\t%s", s.Issuer())
	api := s.BaseURL()
	if api == "" {
		api = "none: the spec has no api"
	}
	line("  API\t%s", api)
	line("  client id\t%s", file.Tenant.ClientID.Value)
	line("  tokens\taccess %s, refresh %s", flags.tokenTTL, flags.refresh())
	line("  state\t%s", flags.where())
	for _, f := range s.Faults().List() {
		line("  fault\t%s", f)
	}
	line("\nWho can sign in, with no password:\n")
	for _, p := range s.People() {
		roles := strings.Join(p.Roles, ", ")
		if roles != "" {
			roles = " (" + roles + ")"
		}
		scopes := strings.Join(p.Scopes, " ")
		if scopes == "" {
			scopes = "the standard scopes only"
		}
		line("  %s\t%s%s\t%s", p.Email, p.Name, roles, scopes)
	}
	line("\nPoint the client at it:\n")
	line("\tconfig := %s.DefaultConfig()", file.Package.Value)
	line("\tconfig.Issuer = %q", s.Issuer())
	if s.BaseURL() != "" {
		line("\tconfig.BaseURL = %q", s.BaseURL())
	}
	line("\tapp, err := %[1]s.New(%[1]s.WithConfig(config))\n", file.Package.Value)
	at := strings.TrimSuffix(s.Issuer(), "/")
	line("New signing keys:\tcurl -X POST %s%s, or kill -HUP %d", at, tenant.RotateKeysPath, os.Getpid())
	line("A fault:\tcurl -d fault=token:500x3 %s%s; with -X DELETE, none", at, tenant.FaultsPath)
	line("The end:\tctrl-C\n")
	_ = w.Flush() // as above
	return b.String()
}

func (flags devFlags) refresh() string {
	switch {
	case !flags.rotation:
		return "tokens stay the same"
	case flags.overlap > 0:
		return fmt.Sprintf("tokens rotate, and are taken again for %s", flags.overlap)
	}
	return "tokens rotate"
}

func (flags devFlags) where() string {
	if flags.state == "" {
		return "in memory"
	}
	return flags.state
}
