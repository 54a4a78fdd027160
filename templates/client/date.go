package client

import (
	"fmt"
	"time"
)

// Date is a day of the calendar without a time or a time zone, written
// 2006-01-02 (RFC 3339 full-date). Dates compare with ==.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day on which t falls in t's own location.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// ParseDate reads a date written 2006-01-02.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date such as 2006-01-02", text)
	}
	return DateOf(t), nil
}

// In returns the first instant of the day in a location.
func (d Date) In(location *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, location)
}

// IsZero reports whether d is the zero Date.
func (d Date) IsZero() bool { return d == Date{} }

// String returns the date as 2006-01-02.
func (d Date) String() string {
	if midnight := d.In(time.UTC); d.Year >= 0 && DateOf(midnight) == d {
		return midnight.Format(time.DateOnly) // with less effort
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText implements encoding.TextMarshaler. A date that no calendar has,
// such as the zero Date, is an error rather than a wrong value on the wire.
func (d Date) MarshalText() ([]byte, error) {
	midnight := d.In(time.UTC)
	if d.Year < 0 || d.Year > 9999 || DateOf(midnight) != d {
		return nil, fmt.Errorf("%s is not a date", d)
	}
	return midnight.AppendFormat(make([]byte, 0, len(time.DateOnly)), time.DateOnly), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a date such as 2006-01-02", text)
	}
	*d = DateOf(t)
	return nil
}
