// What the client's `get_metrics` reports, counted where it happens; the names and buckets are the native engine's.

const BUCKETS = [0, 1, 5, 10, 50, 100, 500, 1000, 5000, 50000]

class Histogram {
  sum = 0
  count = 0
  buckets = BUCKETS.map(() => 0)

  add(milliseconds) {
    this.sum += milliseconds
    this.count += 1
    const place = BUCKETS.findIndex((limit) => milliseconds <= limit)
    if (place >= 0) this.buckets[place] += 1
  }
}

export class Metrics {
  pool = null
  #clientQueries = 0
  #active = 0
  #opened = 0
  #closed = 0
  #client = new Histogram()
  #wait = new Histogram()
  #datasource = new Histogram()

  opened() {
    this.#opened += 1
  }

  closed() {
    this.#closed += 1
  }

  waited(milliseconds) {
    this.#wait.add(milliseconds)
  }

  queried(milliseconds) {
    this.#datasource.add(milliseconds)
  }

  // Count and time one query of the client.
  async measure(work) {
    const started = performance.now()
    this.#clientQueries += 1
    this.#active += 1
    try {
      return await work()
    } finally {
      this.#active -= 1
      this.#client.add(performance.now() - started)
    }
  }

  // As the client's model of it: {counters, gauges, histograms}.
  asJson(labels = {}) {
    const { open, idle, waiting } = this.pool
    const entry = ([key, description, value]) => ({ key, value, labels, description })
    const told = ({ sum, count, buckets }) => ({ sum, count, buckets: buckets.map((n, at) => [BUCKETS[at], n]) })
    return {
      counters: [
        ['prisma_client_queries_total', 'Total number of Prisma Client queries executed', this.#clientQueries],
        ['prisma_datasource_queries_total', 'Total number of Datasource Queries executed', this.#datasource.count],
        ['prisma_pool_connections_closed_total', 'Total number of Pool Connections closed', this.#closed],
        ['prisma_pool_connections_opened_total', 'Total number of Pool Connections opened', this.#opened],
      ].map(entry),
      gauges: [
        ['prisma_client_queries_active', 'Number of currently active Prisma Client queries', this.#active],
        ['prisma_client_queries_wait', 'Number of Prisma Client queries currently waiting for a connection', waiting],
        ['prisma_pool_connections_busy', 'Number of currently busy Pool Connections', open - idle],
        ['prisma_pool_connections_idle', 'Number of currently unused Pool Connections', idle],
        ['prisma_pool_connections_open', 'Number of currently open Pool Connections', open],
      ].map(entry),
      histograms: [
        ['prisma_client_queries_duration_histogram_ms', 'Histogram of the duration of all executed Prisma Client queries in ms', told(this.#client)],
        ['prisma_client_queries_wait_histogram_ms', 'Histogram of the wait time of all Prisma Client Queries in ms', told(this.#wait)],
        ['prisma_datasource_queries_duration_histogram_ms', 'Histogram of the duration of all executed Datasource Queries in ms', told(this.#datasource)],
      ].map(entry),
    }
  }

  asPrometheus(labels = {}) {
    const { counters, gauges, histograms } = this.asJson(labels)
    const own = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    const shown = (more = []) => (own.length + more.length ? `{${[...own, ...more].join()}}` : '')
    const head = ({ key, description }, type) => [`# HELP ${key} ${description}`, `# TYPE ${key} ${type}`]
    const single = (type) => (metric) => [...head(metric, type), `${metric.key}${shown()} ${metric.value}`, '']
    const spread = (metric) => {
      const { sum, count, buckets } = metric.value
      let total = 0
      const lines = buckets.map(([limit, n]) => `${metric.key}_bucket${shown([`le="${limit}"`])} ${(total += n)}`)
      const rest = [`${metric.key}_bucket${shown(['le="+Inf"'])} ${count}`, `${metric.key}_sum${shown()} ${sum}`]
      return [...head(metric, 'histogram'), ...lines, ...rest, `${metric.key}_count${shown()} ${count}`, '']
    }
    const all = [counters.flatMap(single('counter')), gauges.flatMap(single('gauge')), histograms.flatMap(spread)]
    return all.flat().join('\n')
  }
}
