package rabbitmq_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/vodworker/vodworker/worker/internal/brokertest"
)

const (
	user     = "vod-publisher"
	password = "hunter2-of-rabbitmq"

	writer   = "only-writes"                           // may publish
	stranger = "has-no-rights"                         // may log in
	vhost    = "a/b"                                   // besides /, with the same rights
	program  = "/usr/lib/rabbitmq/bin/rabbitmq-server" // what is in the path changes the user first
)

// A server is a RabbitMQ in a process of its own.
type server struct {
	*brokertest.Process
	t       testing.TB
	address string

	secured       string // the address for TLS, where a client's certificate is needed
	ca, cert, key string // of the server, and of a client that is the user

	environment []string
}

func newServer(t testing.TB) *server {
	t.Helper()
	brokertest.Need(t, program, "epmd")
	dir := t.TempDir()
	address, epmd, node := brokertest.FreeAddress(t), brokertest.FreeAddress(t), brokertest.FreeAddress(t)
	write(t, filepath.Join(dir, "definitions.json"), definitions(t))
	secured := brokertest.FreeAddress(t)
	ca, cert, key := brokertest.Certificate(t, user)
	write(t, filepath.Join(dir, "rabbitmq.conf"), strings.Join([]string{
		"listeners.tcp.1 = " + address, "load_definitions = " + filepath.Join(dir, "definitions.json"),
		"listeners.ssl.1 = " + secured, "ssl_options.cacertfile = " + ca, "ssl_options.certfile = " + cert, "ssl_options.keyfile = " + key,
		"ssl_options.verify = verify_peer", "ssl_options.fail_if_no_peer_cert = true",
		"auth_mechanisms.1 = PLAIN", "auth_mechanisms.2 = EXTERNAL", "ssl_cert_login_from = common_name", "",
	}, "\n"))
	write(t, filepath.Join(dir, "enabled_plugins"), "[rabbitmq_auth_mechanism_ssl].\n")
	environment := []string{
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + dir,
		"ERL_EPMD_PORT=" + port(epmd), "ERL_EPMD_ADDRESS=127.0.0.1",
		"RABBITMQ_NODENAME=vod" + port(node) + "@localhost", "RABBITMQ_DIST_PORT=" + port(node),
		"RABBITMQ_MNESIA_BASE=" + filepath.Join(dir, "mnesia"), "RABBITMQ_LOG_BASE=" + filepath.Join(dir, "log"), "RABBITMQ_LOGS=-",
		"RABBITMQ_CONFIG_FILE=" + filepath.Join(dir, "rabbitmq.conf"),
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + filepath.Join(dir, "enabled_plugins"),
		"RABBITMQ_ALLOW_INPUT=1", // no shell that stays in between
	}
	run := func(name string, args ...string) func() *exec.Cmd {
		return func() *exec.Cmd {
			command := exec.Command(name, args...)
			command.Env, command.Dir = environment, dir
			return command
		}
	}
	// The server would start one that stays when all is over.
	brokertest.Start(t, func() error { return answers(epmd) }, run("epmd", "-port", port(epmd), "-address", "127.0.0.1"))
	s := &server{t: t, address: address, secured: secured, ca: ca, cert: cert, key: key, environment: environment}
	s.Process = brokertest.Start(t, func() error {
		conn, err := amqp.Dial(s.url())
		if err == nil {
			err = conn.Close()
		}
		return err
	}, run(program, "-noinput"))
	return s
}

// ctl has the server's own tool do something.
func (s *server) ctl(args ...string) {
	s.t.Helper()
	command := exec.Command(filepath.Join(filepath.Dir(program), "rabbitmqctl"), append([]string{"--quiet"}, args...)...)
	command.Env = s.environment
	if output, err := command.CombinedOutput(); err != nil {
		s.t.Fatalf("rabbitmqctl %v: %v\n%s", args, err, output)
	}
}

func (s *server) url() string { return "amqp://" + user + ":" + password + "@" + s.address }

func answers(address string) error {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		err = conn.Close()
	}
	return err
}

func port(address string) string { _, port, _ := net.SplitHostPort(address); return port }

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// definitions are what the server knows from the start.
func definitions(t testing.TB) string {
	t.Helper()
	sum := sha256.Sum256([]byte("salt" + password))
	var users, permissions []any
	for name, rights := range map[string][3]string{user: {".*", ".*", ".*"}, writer: {"", ".*", ""}, stranger: {"", "", ""}} {
		users = append(users, map[string]any{"name": name, "password_hash": base64.StdEncoding.EncodeToString(append([]byte("salt"), sum[:]...)),
			"hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""})
		permissions = append(permissions, map[string]any{"user": name, "vhost": "/", "configure": rights[0], "write": rights[1], "read": rights[2]})
	}
	permissions = append(permissions, map[string]any{"user": user, "vhost": vhost, "configure": ".*", "write": ".*", "read": ".*"})
	text, err := json.Marshal(map[string]any{"users": users, "permissions": permissions,
		"vhosts": []any{map[string]any{"name": "/"}, map[string]any{"name": vhost}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// on calls do with a channel of its own, of the user who may do everything.
func (s *server) on(do func(*amqp.Channel) error) {
	s.t.Helper()
	conn, err := amqp.Dial(s.url())
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err == nil {
		err = do(channel)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

var numbered atomic.Int64 // each place of a test has a name of its own
