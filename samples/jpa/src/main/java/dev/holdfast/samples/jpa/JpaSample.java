package dev.holdfast.samples.jpa;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.StockEngine;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.scheduling.annotation.EnableScheduling;

/** A Spring Data JPA application with the engine inside, both on one PostgreSQL. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableResilientMethods
@EnableScheduling
class JpaSample {
    /** Two connections for the lane, one for the gate, one for the sweeper, one for reads. */
    private static final int ENGINE_POOL_MAX = 5;

    @Bean(defaultCandidate = false) // the application's own data source stays the one that JPA gets
    HikariDataSource engineDataSource(JdbcConnectionDetails database) {
        var pool = DataSourceBuilder.create()
                .type(HikariDataSource.class)
                .url(database.getJdbcUrl())
                .username(database.getUsername())
                .password(database.getPassword())
                .build();
        pool.setMaximumPoolSize(ENGINE_POOL_MAX);
        return pool;
    }

    @Bean
    @DependsOnDatabaseInitialization // your Flyway or Liquibase wants to find an empty schema, or its own tables
    StockEngine stockEngine(@Qualifier("engineDataSource") HikariDataSource dataSource) {
        return StockEngine.open(dataSource);
    }
}
