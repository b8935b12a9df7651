package vodtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// params are the parameters of one action, by their exact names.
type params map[string]json.RawMessage

// A parameter that every action has, those of the two config actions, and the handles. SDKs send ExtInfo only if
// they are told to; it means nothing.
const (
	subAppID        = "SubAppId"
	extInfo         = "ExtInfo"
	eventHandles    = "EventHandles"
	mode            = "Mode"
	notificationURL = "NotificationUrl"
	uploadSwitch    = "UploadMediaCompleteEventSwitch"
	deleteSwitch    = "DeleteMediaCompleteEventSwitch"
	persistSwitch   = "PersistenceCompleteEventSwitch"
	signKeyName     = "SignKey"
)

// knownActions returns the names of the actions.
func knownActions() []string {
	return []string{pullEvents, confirmEvents, describeEventsState, describeEventConfig, modifyEventConfig}
}

// parameters returns the names of the parameters that an action has.
func parameters(action string) []string {
	switch action {
	case pullEvents:
		return []string{subAppID, extInfo}
	case confirmEvents:
		return []string{subAppID, extInfo, eventHandles}
	case modifyEventConfig:
		return []string{subAppID, mode, notificationURL, uploadSwitch, deleteSwitch, persistSwitch, signKeyName}
	default:
		return []string{subAppID}
	}
}

// readParams reads the parameters of a request from where they are: in the form of version 1, if it has one, in the
// query of a GET, or in the JSON of a POST.
func readParams(r *http.Request, form url.Values, body []byte) (params, error) {
	switch {
	case form != nil:
		form = maps.Clone(form)
		for _, name := range v1Common {
			form.Del(name)
		}
		return flatParams(form), nil
	case r.Method == http.MethodGet:
		return queryParams(r.URL.RawQuery)
	default:
		return jsonParams(body)
	}
}

// jsonParams reads the parameters from a JSON body.
func jsonParams(body []byte) (params, error) {
	p := params{}
	if len(body) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, &APIError{"InvalidParameter", "the body must be a JSON object: " + err.Error()}
	}
	return p, nil
}

// queryParams reads the parameters from a query.
func queryParams(query string) (params, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, &APIError{"InvalidParameter", "the query cannot be read: " + err.Error()}
	}
	return flatParams(values), nil
}

// flatParams reads flattened parameters, where lists are as in EventHandles.0=…&EventHandles.1=… here.
func flatParams(values url.Values) params {
	p := params{}
	lists := map[string][]int{}
	for name, value := range values {
		list, place, dotted := strings.Cut(name, ".")
		if i, err := strconv.Atoi(place); dotted && err == nil {
			lists[list] = append(lists[list], i)
			continue
		}
		p[name] = quote(value[0])
		if _, err := strconv.ParseUint(value[0], 10, 64); name == subAppID && err == nil {
			p[name] = json.RawMessage(value[0])
		}
	}
	for name, places := range lists {
		slices.SortFunc(places, cmp.Compare[int])
		var elements []string
		for _, i := range places {
			elements = append(elements, values.Get(fmt.Sprintf("%s.%d", name, i)))
		}
		p[name], _ = json.Marshal(elements) // strings always marshal
	}
	return p
}

// check refuses parameters that the action does not have: a misspelt SubAppId would ask another queue.
func (p params) check(action string) error {
	known := parameters(action)
	for name := range p {
		if !slices.Contains(known, name) {
			return &APIError{"UnknownParameter",
				fmt.Sprintf("%s has no parameter %q; it has %s", action, name, strings.Join(known, ", "))}
		}
	}
	return nil
}

// read decodes a parameter. What is not given, or null, is left as it is.
func (p params) read(name string, into any) error {
	raw, given := p[name]
	if given && json.Unmarshal(raw, into) != nil {
		return &APIError{"InvalidParameter", fmt.Sprintf("%s has the wrong type", name)}
	}
	return nil
}

// quote returns s as a JSON string.
func quote(s string) json.RawMessage {
	quoted, _ := json.Marshal(s) // a string always marshals
	return quoted
}
