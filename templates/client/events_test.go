package client

import (
	"slices"
	"testing"
)

func TestSessionEvents(t *testing.T) {
	first, second := SessionEvent{Kind: SessionRefreshed}, SessionEvent{Kind: SessionEnded}
	t.Run("an event that an observer causes comes after the one it is told of", func(t *testing.T) {
		var events sessionEvents
		var told []SessionEventKind
		telling := false
		events.subscribe(func(event SessionEvent) {
			if telling {
				t.Error("told of one while it is told of another")
			}
			telling = true
			told = append(told, event.Kind)
			if event.Kind == first.Kind {
				events.add(second)
				events.deliver()
			}
			telling = false
		})
		events.add(first)
		events.deliver()
		if !slices.Equal(told, []SessionEventKind{first.Kind, second.Kind}) {
			t.Errorf("told %q", told)
		}
	})
	t.Run("an observer that has stopped is told no more", func(t *testing.T) {
		var events sessionEvents
		var told []string
		stopB := func() {}
		stopA := events.subscribe(func(SessionEvent) {
			told = append(told, "a")
			stopB()
		})
		stopB = events.subscribe(func(SessionEvent) { told = append(told, "b") })
		events.add(first)
		events.deliver()
		stopA()
		events.add(second)
		events.deliver()
		if !slices.Equal(told, []string{"a"}) {
			t.Errorf("told %q", told)
		}
	})
	t.Run("an observer that panics does not silence the others for good", func(t *testing.T) {
		var events sessionEvents
		stop := events.subscribe(func(SessionEvent) { panic("observer") })
		events.add(first)
		func() {
			defer func() { _ = recover() }()
			events.deliver()
		}()
		stop()
		told := 0
		events.subscribe(func(SessionEvent) { told++ })
		events.add(second)
		events.deliver()
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	})
}
