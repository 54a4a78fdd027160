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
	d, ok := readDate(text)
	if !ok {
		return Date{}, fmt.Errorf("%q is not a date such as 2006-01-02", text)
	}
	return d, nil
}

// In returns the first instant of the day in a location.
func (d Date) In(location *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, location)
}

// IsZero reports whether d is the zero Date.
func (d Date) IsZero() bool { return d == Date{} }

// String returns the date as 2006-01-02.
func (d Date) String() string {
	if text, ok := d.digits(); ok {
		return string(text[:])
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText implements encoding.TextMarshaler. A date that no calendar has,
// such as the zero Date, is an error rather than a wrong value on the wire.
func (d Date) MarshalText() ([]byte, error) {
	text, ok := d.digits()
	if !ok {
		return nil, fmt.Errorf("%s is not a date", d)
	}
	return text[:], nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Date) UnmarshalText(text []byte) error {
	read, ok := readDate(string(text))
	if !ok {
		return fmt.Errorf("%q is not a date such as 2006-01-02", text)
	}
	*d = read
	return nil
}

// exists reports whether the calendar has the date.
func (d Date) exists() bool { return DateOf(d.In(time.UTC)) == d }

// digits writes the date, and readDate reads it, without [time.Time.Format] and
// [time.Parse], which follow a layout: a list can hold many dates.
func (d Date) digits() (text [len(time.DateOnly)]byte, ok bool) {
	if d.Year < 0 || d.Year > 9999 || !d.exists() {
		return text, false
	}
	writeNumber(text[:4], d.Year)
	text[4], text[7] = '-', '-'
	writeNumber(text[5:7], int(d.Month))
	writeNumber(text[8:], d.Day)
	return text, true
}

// writeNumber fills digits with a number, which is not longer, and zeros before it.
func writeNumber(digits []byte, n int) {
	for i := len(digits) - 1; i >= 0; i, n = i-1, n/10 {
		digits[i] = byte('0' + n%10)
	}
}

func readDate(text string) (d Date, ok bool) {
	if len(text) != len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return Date{}, false
	}
	var numbers [3]int
	for i, digits := range [...]string{text[:4], text[5:7], text[8:]} {
		for _, digit := range []byte(digits) {
			if digit < '0' || digit > '9' {
				return Date{}, false
			}
			numbers[i] = numbers[i]*10 + int(digit-'0')
		}
	}
	d = Date{Year: numbers[0], Month: time.Month(numbers[1]), Day: numbers[2]}
	return d, d.exists()
}
