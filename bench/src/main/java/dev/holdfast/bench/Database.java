package dev.holdfast.bench;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import picocli.CommandLine.Option;

/** The database to measure on; the launcher starts one and names it in the environment. */
final class Database {
    @Option(
            names = "--database-url",
            defaultValue = "${env:HOLDFAST_DATABASE_URL}",
            description = "JDBC URL of a PostgreSQL whose schema may be filled (default: $HOLDFAST_DATABASE_URL)")
    private String url = "";

    @Option(names = "--database-user", defaultValue = "${env:HOLDFAST_DATABASE_USER}")
    private String user = "";

    @Option(names = "--database-password", defaultValue = "${env:HOLDFAST_DATABASE_PASSWORD}")
    private String password = "";

    String url() {
        if (url.isEmpty() || url.startsWith("${")) {
            throw new IllegalArgumentException("no database: run it as ./holdfast bench, or set HOLDFAST_DATABASE_URL");
        }
        return url;
    }

    String user() {
        return user;
    }

    String password() {
        return password;
    }

    HikariDataSource pool(int connections) {
        return pool(connections, url(), "");
    }

    /** On one schema, under its name, so that its connections can be told from others. */
    HikariDataSource pool(int connections, String schema) {
        return pool(connections, urlWithoutSchema(), schema);
    }

    /** The URL, leading to another schema. */
    String url(String schema) {
        var url = urlWithoutSchema();
        return url + (url.contains("?") ? "&" : "?") + "currentSchema=" + schema;
    }

    /** The URL's own parameter would win over a property. */
    private String urlWithoutSchema() {
        return url().replaceAll("(?<=[?&])currentSchema=[^&]*&?", "");
    }

    private HikariDataSource pool(int connections, String url, String schema) {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        if (!schema.isEmpty()) {
            config.addDataSourceProperty("currentSchema", schema);
            config.addDataSourceProperty("ApplicationName", schema);
        }
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(connections);
        return new HikariDataSource(config);
    }
}
