package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestTheActionsAreThoseOfTheSDK(t *testing.T) {
	client := reflect.TypeFor[*vod.Client]()
	var want []string
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if _, is := client.MethodByName(name + "WithContext"); is {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	if !slices.Equal(api.Actions, want) {
		missing, more := without(want, api.Actions), without(api.Actions, want)
		t.Errorf("Actions lacks %v, and has %v beside it, or is in another order", missing, more)
	}
}

// pairs are types of ours and of the SDK's, from which all others are reached.
var pairs = []struct{ ours, theirs reflect.Type }{
	pair[api.ProcessMedia, vod.ProcessMediaRequestParams](),
	pair[api.ProcessMediaResponse, vod.ProcessMediaResponseParams](),
	pair[api.ProcessMediaByProcedure, vod.ProcessMediaByProcedureRequestParams](),
	pair[api.ProcessMediaByProcedureResponse, vod.ProcessMediaByProcedureResponseParams](),
	pair[api.DescribeMediaInfos, vod.DescribeMediaInfosRequestParams](),
	pair[api.DescribeMediaInfosResponse, vod.DescribeMediaInfosResponseParams](),
	pair[api.SearchMedia, vod.SearchMediaRequestParams](),
	pair[api.SearchMediaResponse, vod.SearchMediaResponseParams](),
	pair[api.PullUpload, vod.PullUploadRequestParams](),
	pair[api.PullUploadResponse, vod.PullUploadResponseParams](),
	pair[api.ApplyUpload, vod.ApplyUploadRequestParams](),
	pair[api.ApplyUploadResponse, vod.ApplyUploadResponseParams](),
	pair[api.CommitUpload, vod.CommitUploadRequestParams](),
	pair[api.CommitUploadResponse, vod.CommitUploadResponseParams](),
	pair[api.DeleteMedia, vod.DeleteMediaRequestParams](),
	pair[api.DeleteMediaResponse, vod.DeleteMediaResponseParams](),
	pair[api.DescribeTaskDetail, vod.DescribeTaskDetailRequestParams](),
	pair[api.DescribeTaskDetailResponse, vod.DescribeTaskDetailResponseParams](),
	pair[api.DescribeTasks, vod.DescribeTasksRequestParams](),
	pair[api.DescribeTasksResponse, vod.DescribeTasksResponseParams](),
	pair[api.ModifyMediaInfo, vod.ModifyMediaInfoRequestParams](),
	pair[api.ModifyMediaInfoResponse, vod.ModifyMediaInfoResponseParams](),
	pair[api.PullEvents, vod.PullEventsRequestParams](),
	pair[api.ConfirmEvents, vod.ConfirmEventsRequestParams](),
	pair[api.DescribeEventsState, vod.DescribeEventsStateRequestParams](),
	pair[api.DescribeEventConfig, vod.DescribeEventConfigRequestParams](),
	pair[api.ModifyEventConfig, vod.ModifyEventConfigRequestParams](),
	pair[api.FileUploadTask, vod.FileUploadTask](),
	pair[api.FileDeleteTask, vod.FileDeleteTask](),
	pair[api.PersistenceCompleteTask, vod.PersistenceCompleteTask](),
}

func pair[Ours, Theirs any]() (p struct{ ours, theirs reflect.Type }) {
	p.ours, p.theirs = reflect.TypeFor[Ours](), reflect.TypeFor[Theirs]()
	return p
}

func TestTheTypesHaveTheFieldsOfTheSDK(t *testing.T) {
	reached := map[string]bool{"Error": true} // it is what answers have instead
	for _, p := range pairs {
		compare(t, p.ours, p.theirs, reached)
	}
	for _, name := range declared(t) {
		if !reached[name] {
			t.Errorf("%s is reached from no action and no event", name)
		}
	}
}

// compare compares two types, and all that they contain. A value of ours is a pointer there.
func compare(t *testing.T, ours, theirs reflect.Type, reached map[string]bool) {
	ours, theirs = pointee(ours), pointee(theirs)
	if ours.Kind() != theirs.Kind() {
		t.Errorf("%v is %v in the SDK", ours, theirs)
		return
	}
	switch ours.Kind() {
	case reflect.Slice:
		compare(t, ours.Elem(), theirs.Elem(), reached)
	case reflect.Struct:
		name, _, _ := strings.Cut(ours.Name(), "[")
		reached[name] = true
		if ours == reflect.TypeFor[api.Unfilled]() {
			return
		}
		have, want := fields(ours), without(fields(theirs), []string{"RequestId"})
		if missing, more := without(want, have), without(have, want); len(missing)+len(more) > 0 {
			t.Errorf("%v lacks %v of %v, and has %v beside it", ours, missing, theirs, more)
		}
		for _, name := range have {
			our, _ := ours.FieldByName(name)
			if their, both := theirs.FieldByName(name); both {
				t.Run(name, func(t *testing.T) { compare(t, our.Type, their.Type, reached) })
			}
		}
	}
}

func pointee(p reflect.Type) reflect.Type {
	if p.Kind() == reflect.Pointer {
		return p.Elem()
	}
	return p
}

func fields(of reflect.Type) (names []string) {
	for i := range of.NumField() {
		names = append(names, of.Field(i).Name)
	}
	return names
}

// without returns what is in all, and not in some.
func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}

// declared returns the names of the package's types.
func declared(t *testing.T) (names []string) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("the package has the files %v, %v", files, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, is := n.(*ast.TypeSpec); is {
				names = append(names, spec.Name.Name)
			}
			return true
		})
	}
	return names
}
