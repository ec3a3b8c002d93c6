package dev.holdfast.server.payment;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.local.LocalPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A PostgreSQL with the tables of payments, and somebody who hears the news. */
final class TestPayments implements AutoCloseable {
    final LocalPostgres postgres = LocalPostgres.startTemporary();
    final HikariDataSource dataSource = new HikariDataSource();
    final JdbcClient database;
    final TransactionTemplate transaction;
    final List<UUID> news = new CopyOnWriteArrayList<>();

    TestPayments() {
        dataSource.setJdbcUrl(postgres.jdbcUrl());
        dataSource.setUsername(postgres.user());
        dataSource.setPassword(postgres.password());
        PaymentSchema.migrate(dataSource);
        database = JdbcClient.create(dataSource);
        transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
    }

    PaymentEvents events(Clock clock) {
        var listeners = new StaticListableBeanFactory();
        listeners.addBean("news", (PaymentNews) news::add);
        return new PaymentEvents(
                database, transaction, listeners.getBeanProvider(PaymentNews.class), clock, new SimpleMeterRegistry());
    }

    /** One node's sandbox. */
    SandboxGateway sandbox(Clock clock) {
        return new SandboxGateway(new SandboxLane(new SandboxBooks(dataSource), clock), events(clock));
    }

    /** Until it is closed nobody reads or writes the sandbox's books. */
    Connection standstill() throws SQLException {
        Connection connection = dataSource.getConnection();
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.execute("LOCK TABLE sandbox_payment");
        }
        return connection;
    }

    @Override
    public void close() {
        dataSource.close();
        postgres.close();
    }
}
