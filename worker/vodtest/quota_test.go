package vodtest

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestACallOverTheQuotaIsRefusedUntilTheSecondIsOver(t *testing.T) {
	bubble(t, Config{Hold: -1, Quota: Quota{Rates: map[string]int{"PullEvents": 3}}}, func(t *testing.T, e *Emulator) {
		want := func(codes ...string) {
			t.Helper()
			for i, want := range codes {
				if _, err := e.Pull(t.Context(), uint64(i)); code(err) != want { // all applications share it
					t.Errorf("call %d: error is %v, want %s", i+1, err, want)
				}
			}
		}
		time.Sleep(700 * time.Millisecond)
		want("ResourceNotFound", "ResourceNotFound")
		time.Sleep(time.Second - 1)
		want("ResourceNotFound", "RequestLimitExceeded", "RequestLimitExceeded")
		wantCode(t, e.Confirm(t.Context(), appID, []string{"x"}), "InvalidParameterValue") // which has its own
		time.Sleep(time.Nanosecond)
		want("ResourceNotFound", "ResourceNotFound", "ResourceNotFound", "RequestLimitExceeded")
	})
}

func TestAQuotaIsCountedInOneOfThreeWays(t *testing.T) {
	const ms = time.Millisecond
	for kind, want := range map[QuotaKind][]time.Duration{ // of a call each 100 ms: when those are admitted that are, with a quota of 4
		QuotaWindow:  {0, 100 * ms, 200 * ms, 300 * ms, 1000 * ms, 1100 * ms, 1200 * ms, 1300 * ms, 2000 * ms},
		QuotaSliding: {0, 100 * ms, 200 * ms, 300 * ms, 1000 * ms, 1100 * ms, 1200 * ms, 1300 * ms, 2000 * ms},
		QuotaBucket:  {0, 100 * ms, 200 * ms, 300 * ms, 400 * ms, 500 * ms, 800 * ms, 1000 * ms, 1300 * ms, 1500 * ms, 1800 * ms, 2000 * ms},
	} {
		bubble(t, Config{Hold: -1, Quota: Quota{Kind: kind, Rates: map[string]int{"PullEvents": 4}}}, func(t *testing.T, e *Emulator) {
			begin := time.Now()
			var got []time.Duration
			for range 21 {
				if _, err := e.Pull(t.Context(), 0); code(err) == "ResourceNotFound" {
					got = append(got, time.Since(begin))
				}
				time.Sleep(100 * ms)
			}
			if !slices.Equal(got, want) {
				t.Errorf("kind %d: admitted at %v, want %v", kind, got, want)
			}
		})
	}
}

// Two seconds one after the other admit twice a quota around their border, which a sliding one does not.
func TestOnlyAWindowAdmitsABurstAtItsBorder(t *testing.T) {
	for kind, want := range map[QuotaKind]int{QuotaWindow: 20, QuotaSliding: 11, QuotaBucket: 11} {
		bubble(t, Config{Hold: -1, Quota: Quota{Kind: kind, Rates: map[string]int{"PullEvents": 10}}}, func(t *testing.T, e *Emulator) {
			admitted := 0
			pull := func(n int) {
				for range n {
					if _, err := e.Pull(t.Context(), 0); code(err) == "ResourceNotFound" {
						admitted++
					}
				}
			}
			pull(1)
			time.Sleep(950 * time.Millisecond)
			pull(9)
			time.Sleep(50 * time.Millisecond)
			pull(10)
			if admitted != want {
				t.Errorf("kind %d: %d of 20 calls were admitted, want %d", kind, admitted, want)
			}
		})
	}
}

func TestOnlyAnotherKindOfQuotaBeginsAnew(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		for _, step := range []struct {
			kind QuotaKind
			want string
		}{
			{QuotaWindow, "ResourceNotFound"}, {QuotaWindow, "RequestLimitExceeded"},
			{QuotaSliding, "ResourceNotFound"}, {QuotaSliding, "RequestLimitExceeded"},
			{QuotaBucket, "ResourceNotFound"}, {QuotaBucket, "RequestLimitExceeded"},
		} {
			e.SetQuota(Quota{Kind: step.kind, Rates: map[string]int{pullEvents: 1}})
			if _, err := e.Pull(t.Context(), appID); code(err) != step.want {
				t.Errorf("kind %d: error is %v, want %s", step.kind, err, step.want)
			}
		}
	})
}

func TestARefusedCallHasNoEffect(t *testing.T) {
	bubble(t, Config{Hold: -1, Quota: Quota{Rates: map[string]int{"ConfirmEvents": 1}}}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 2)
		wantCode(t, e.Confirm(t.Context(), appID, handles[:1]), "")
		wantCode(t, e.Confirm(t.Context(), appID, handles[1:]), "RequestLimitExceeded")
		if got := e.Stats(appID); got.Confirmed != 1 || got.Calls[confirmEvents] != 2 {
			t.Errorf("Stats are %+v", got)
		}
	})
}

func TestTheQuotaCanBeChangedAndIsThatOfTheDocumentation(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		admitted := func(action, body string) (n int) {
			time.Sleep(time.Second)
			for range 101 {
				r := request(action, body)
				if _, _, answer := ask(e, r); answeredCode(t, answer) != "RequestLimitExceeded" {
					n++
				}
			}
			return n
		}
		cover := `{"Definition":10,"PositionType":"Time","PositionValue":0}`
		file := fmt.Sprintf(`"FileId":%q`, e.Upload(0, "lighthouse.mp4"))
		for action, parameters := range map[string]string{
			pullEvents: "", confirmEvents: `"EventHandles":["x"]`,
			describeEventsState: "", describeEventConfig: "", modifyEventConfig: "",
			"ProcessMedia":            file + `,"MediaProcessTask":{"CoverBySnapshotTaskSet":[` + cover + `]}`,
			"ProcessMediaByProcedure": file + `,"ProcedureName":"LongVideoPreset"`,
			"PullUpload":              `"MediaUrl":"http://example.com/a.mp4"`,
			"DescribeMediaInfos":      `"FileIds":["x"]`,
			"SearchMedia":             "",
			"ModifyMediaInfo":         file,
			"DeleteMedia":             `"FileId":"x"`,
			"DescribeTaskDetail":      `"TaskId":"x"`,
			"DescribeTasks":           "",
		} {
			body, want := "{"+parameters+"}", DocumentedQuota().Rates[action]
			e.SetQuota(Quota{})
			if got := admitted(action, body); got != 101 {
				t.Errorf("%s: %d calls of 101 are admitted without a quota", action, got)
			}
			e.SetQuota(DocumentedQuota())
			if got := admitted(action, body); got != want {
				t.Errorf("%s: %d calls are admitted in a second, want %d", action, got, want)
			}
		}
	})
}

func TestTheDocumentedQuotaIsThatOfTheAPI(t *testing.T) {
	want := map[string]int{
		"PullEvents": 100, "ConfirmEvents": 100, "DescribeEventsState": 20, "DescribeEventConfig": 20, "ModifyEventConfig": 20,
		"ProcessMedia": 100, "ProcessMediaByProcedure": 100, "DescribeTaskDetail": 100,
	}
	rates := DocumentedQuota().Rates
	for _, action := range Actions() {
		if rates[action] == 0 {
			t.Errorf("%s has no quota", action)
		}
	}
	for action, rate := range want {
		if rates[action] != rate {
			t.Errorf("%s may be called %d times a second, want %d", action, rates[action], rate)
		}
	}
}
