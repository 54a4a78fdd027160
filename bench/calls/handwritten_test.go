package calls

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// handWritten is the client that a team writes by hand with net/http and
// encoding/json. Its token never expires, and nobody asks where it is sent to.
type handWritten struct {
	http  *http.Client
	base  string
	token string
}

type day time.Time

func (d *day) UnmarshalText(text []byte) error {
	parsed, err := time.Parse(time.DateOnly, string(text))
	*d = day(parsed)
	return err
}

func (d day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d day) String() string { return time.Time(d).Format(time.DateOnly) }

type timesheet struct {
	ID      int64   `json:"id"`
	UserID  string  `json:"user_id"`
	Project string  `json:"project"`
	Date    day     `json:"date"`
	Hours   float64 `json:"hours"`
	Status  string  `json:"status"`
	Note    *string `json:"note,omitempty"`
}

type newTimesheet struct {
	Project string  `json:"project"`
	Date    day     `json:"date"`
	Hours   float64 `json:"hours"`
	Note    *string `json:"note,omitempty"`
}

func (c *handWritten) list(ctx context.Context, from day) ([]timesheet, error) {
	query := url.Values{}
	query.Set("from", from.String())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/timesheets?"+query.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("list timesheets: %w", err)
	}
	var list []timesheet
	err = c.do(req, &list)
	return list, err
}

func (c *handWritten) create(ctx context.Context, entry newTimesheet) (timesheet, error) {
	body, err := json.Marshal(entry)
	if err != nil {
		return timesheet{}, fmt.Errorf("create a timesheet: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/timesheets", bytes.NewReader(body))
	if err != nil {
		return timesheet{}, fmt.Errorf("create a timesheet: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	var created timesheet
	err = c.do(req, &created)
	return created, err
}

func (c *handWritten) do(req *http.Request, result any) error {
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it was only read from
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", req.Method, req.URL.Path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(result)
}
