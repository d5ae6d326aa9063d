package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"antechamber.invalid/clients/check"
	"github.com/mongodb-forks/digest"
	"golang.org/x/oauth2/clientcredentials"
)

// The SDK decodes nothing else: contract, CLIENTS.md section 1.
var jsonType = regexp.MustCompile(`(?i)^(application|text)/(vnd\.[^;]+\+)?json`)

// object is a JSON object.
type object = map[string]any

// refusal is the error body, as the SDK declares it.
type refusal struct {
	Error      int    `json:"error"`
	ErrorCode  string `json:"errorCode"`
	Detail     string `json:"detail"`
	Reason     string `json:"reason"`
	Parameters []any  `json:"parameters"`
}

// client sends what the SDK sends: one versioned Accept, the same Content-Type with a body.
type client struct {
	http *http.Client
	base string
	// Some resources of the Terraform provider send the Content-Type without a body, too.
	alwaysTyped bool
}

func newClient(authentication string) client {
	base := check.Setting("MONGODB_ATLAS_BASE_URL")
	if authentication == "digest" {
		key, secret := check.Setting("MONGODB_ATLAS_PUBLIC_KEY"), check.Setting("MONGODB_ATLAS_PRIVATE_KEY")
		return withKey(base, key, secret)
	}
	account := clientcredentials.Config{
		ClientID:     check.Setting("ANTECHAMBER_CLIENT_ID"),
		ClientSecret: check.Setting("ANTECHAMBER_CLIENT_SECRET"),
		TokenURL:     base + "/api/oauth/token",
	}
	return client{http: account.Client(context.Background()), base: base}
}

func withKey(base, key, secret string) client {
	return client{http: &http.Client{Transport: digest.NewTransport(key, secret)}, base: base}
}

// send returns the status and the JSON that came; a *refusal for an error answer that holds one. A path that starts with /api/
// is taken as it is, and without a version.
func (c client) send(method, path, version string, body any) (int, any, *refusal, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return 0, nil, nil, err
		}
		content = bytes.NewReader(encoded)
	}
	media := "application/vnd.atlas." + version + "+json"
	if strings.HasPrefix(path, "/api/") {
		media = "application/json"
	} else {
		path = "/api/atlas/v2" + path
	}
	request, err := http.NewRequest(method, c.base+path, content)
	if err != nil {
		return 0, nil, nil, err
	}
	request.Header.Set("Accept", media)
	request.Header.Set("User-Agent", "go-atlas-sdk-admin/transport")
	if body != nil || c.alwaysTyped {
		request.Header.Set("Content-Type", media)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || len(text) == 0 {
		return answer.StatusCode, nil, nil, err
	}
	if got := answer.Header.Get("Content-Type"); !jsonType.MatchString(got) {
		return answer.StatusCode, nil, nil, fmt.Errorf("undefined response type %q", got)
	}
	if answer.StatusCode >= 300 {
		said := new(refusal)
		return answer.StatusCode, nil, said, json.Unmarshal(text, said)
	}
	var value any
	err = json.Unmarshal(text, &value)
	return answer.StatusCode, value, nil, err
}
