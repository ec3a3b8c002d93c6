package dev.holdfast.server;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the stock lies. Environment: {@code HOLDFAST_DATABASE_URL}, {@code _USER}, {@code _PASSWORD}.
 *
 * @param url {@code jdbc:postgresql://host:port/database}; the local profile starts its own PostgreSQL if there is none
 * @param poolMax connections: two for the lane, the rest for reads and the sweeper. Reads take about 1 ms each
 * @param connectionWait how long a request waits for a connection before it gets 503
 * @param connectTimeout how long the network connection itself may take; in whole seconds
 * @param socketTimeout how long an answer of the database may take before it counts as lost; in whole seconds. More
 *     than 20 s, after which {@code /v1/invariants} ends by itself
 * @param startWait how long a starting server waits for the database before it gives up
 */
@ConfigurationProperties("holdfast.database")
record DatabaseProperties(
        @Nullable String url,
        @DefaultValue("") String user,
        @DefaultValue("") String password,
        @DefaultValue("16") int poolMax,
        @DefaultValue("2500ms") Duration connectionWait,
        @DefaultValue("2s") Duration connectTimeout,
        @DefaultValue("30s") Duration socketTimeout,
        @DefaultValue("30s") Duration startWait) {

    /** The password stays out of logs. */
    @Override
    public String toString() {
        return "DatabaseProperties[url=" + url + ", user=" + user + "]";
    }
}
