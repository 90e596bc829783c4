package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cardrop/providers"
)

// other is written in place of a word that is not in the label's set: a label never holds what somebody typed, an id or a text.
const other = "other"

// Labels are the closed sets of words that labels take.
type Labels struct {
	Suppliers []string
	Calls     []string // to suppliers
	Outcomes  []string // of calls
	States    []string // final, of orders
	Updates   []string // kinds of updates
	Fates     []string // of updates
	Queues    []string
	Alarms    []string
	Money     []string // currencies of balances
}

// Figures are what is read when somebody asks for the metrics.
type Figures struct {
	Queues []Queue
	Open   int64 // orders
	Doubt  int64 // placements
	Paused []string
}

// Queue is how much work of one kind waits.
type Queue struct {
	Name  string
	Count int64
	Late  time.Duration // of the most overdue
}

// Metrics are the shop's figures for Prometheus. It is safe for concurrent use.
type Metrics struct {
	labels   Labels
	registry *prometheus.Registry
	look     func(ctx context.Context) (Figures, error)

	updates  *prometheus.CounterVec
	orders   *prometheus.CounterVec
	calls    *prometheus.HistogramVec
	reveals  prometheus.Histogram
	removals prometheus.Histogram
	alarms   *prometheus.CounterVec
	trips    *prometheus.HistogramVec
	balances *prometheus.GaugeVec

	queues, late, paused    *prometheus.GaugeVec
	open, doubt, answerless prometheus.Gauge
}

// NewMetrics makes them; look reads what is known only when it is asked for.
func NewMetrics(labels Labels, look func(ctx context.Context) (Figures, error)) *Metrics {
	m := &Metrics{labels: labels, registry: prometheus.NewRegistry(), look: look}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return register(m, prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cardrop_" + name, Help: help}, labels))
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return register(m, prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cardrop_" + name, Help: help, Buckets: buckets}, labels))
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return register(m, prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "cardrop_" + name, Help: help}, labels))
	}
	answers := []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 45}
	m.updates = counter("updates_total", "Updates of Telegram by kind and what became of them.", "kind", "fate")
	m.orders = counter("orders_total", "Orders that came to their end, by supplier and final state.", "supplier", "state")
	m.calls = histogram("supplier_call_seconds", "Calls to suppliers by what was asked and what became of it.", answers, "supplier", "call", "outcome")
	m.reveals = histogram("reveal_seconds", "From the tap on Show to the code on the screen.", answers).WithLabelValues().(prometheus.Histogram)
	m.removals = histogram("removal_late_seconds", "How long behind its time a message with codes was gone.",
		[]float64{.1, .25, .5, 1, 1.5, 2, 5, 10, 30, 60, 600}).WithLabelValues().(prometheus.Histogram)
	m.alarms = counter("alarms_total", "Alarms to the operators by kind.", "kind")
	m.trips = histogram("redis_seconds", "Round trips to Redis by command; scripts are evalsha, several commands at once pipeline.",
		[]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .5, 1, 5}, "command")
	m.balances = gauge("supplier_balance", "What the shop has at a supplier, in whole units of the currency, as read last.", "supplier", "currency")
	m.queues = gauge("queue_length", "Work in a queue, whenever it is due.", "queue")
	m.late = gauge("queue_late_seconds", "How overdue the oldest work of a queue is.", "queue")
	m.paused = gauge("supplier_paused", "1 while a supplier is paused.", "supplier")
	m.open = gauge("orders_open", "Orders that are not final.").WithLabelValues()
	m.doubt = gauge("placements_in_doubt", "Placements of which nobody knows what became of them.").WithLabelValues()
	m.answerless = gauge("redis_silent", "1 when Redis did not answer the latest look.").WithLabelValues()
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// register puts a metric into the registry.
func register[C prometheus.Collector](m *Metrics, c C) C {
	m.registry.MustRegister(c)
	return c
}

// word is a label's value: one of its set, else other.
func word(set []string, value string) string {
	if slices.Contains(set, value) {
		return value
	}
	return other
}

// Update counts an update.
func (m *Metrics) Update(kind, fate string) {
	m.updates.WithLabelValues(word(m.labels.Updates, kind), word(m.labels.Fates, fate)).Inc()
}

// Called counts a call to a supplier.
func (m *Metrics) Called(supplier, call, outcome string, took time.Duration) {
	m.calls.WithLabelValues(word(m.labels.Suppliers, supplier), word(m.labels.Calls, call), word(m.labels.Outcomes, outcome)).
		Observe(took.Seconds())
}

// Ended counts an order that came to its end.
func (m *Metrics) Ended(supplier, state string) {
	m.orders.WithLabelValues(word(m.labels.Suppliers, supplier), word(m.labels.States, state)).Inc()
}

// Shown counts codes that came onto a screen.
func (m *Metrics) Shown(took time.Duration) { m.reveals.Observe(took.Seconds()) }

// Removed counts codes that left a screen.
func (m *Metrics) Removed(late time.Duration) { m.removals.Observe(late.Seconds()) }

// Alarmed counts an alarm.
func (m *Metrics) Alarmed(kind string) {
	m.alarms.WithLabelValues(word(m.labels.Alarms, kind)).Inc()
}

// Trip counts a round trip to Redis.
func (m *Metrics) Trip(command string, took time.Duration) {
	m.trips.WithLabelValues(word(redisCommands(), command)).Observe(took.Seconds())
}

// Has keeps what the shop has at a supplier, in whole units as Prometheus counts them: nothing is paid by this figure.
func (m *Metrics) Has(supplier string, balance providers.Money) {
	whole, _ := balance.Units().Float64()
	m.balances.WithLabelValues(word(m.labels.Suppliers, supplier), word(m.labels.Money, balance.Currency)).Set(whole)
}

// redisCommands are the commands that are told apart.
func redisCommands() []string {
	return []string{"pipeline", "evalsha", "eval", "get", "set", "hget", "hgetall", "hmget", "hexists", "hset", "hscan", "zcard",
		"zrangebyscore", "lrange", "xrange", "time", "ping", "info", "config", "wait"}
}

// refresh reads what is known only when it is asked for. What cannot be read keeps no former value: a gauge that stands still lies.
func (m *Metrics) refresh(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	f, err := m.look(limited)
	m.queues.Reset()
	m.late.Reset()
	m.paused.Reset()
	if err != nil {
		m.answerless.Set(1)
		return
	}
	m.answerless.Set(0)
	for _, q := range f.Queues {
		name := word(m.labels.Queues, q.Name)
		m.queues.WithLabelValues(name).Set(float64(q.Count))
		m.late.WithLabelValues(name).Set(q.Late.Seconds())
	}
	for _, name := range m.labels.Suppliers {
		m.paused.WithLabelValues(name).Set(0)
	}
	for _, name := range f.Paused {
		m.paused.WithLabelValues(word(m.labels.Suppliers, name)).Set(1)
	}
	m.open.Set(float64(f.Open))
	m.doubt.Set(float64(f.Doubt))
}

// handler writes the metrics.
func (m *Metrics) handler() http.Handler {
	write := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.refresh(r.Context())
		write.ServeHTTP(w, r)
	})
}
