package dev.holdfast.server;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which way commands reach the database.
 *
 * @param writePath LANE, ATOMIC, OPTIMISTIC, PESSIMISTIC, REDIS_LOCK or REDIS_COUNTER
 */
@ConfigurationProperties("holdfast")
record WritePathProperties(@DefaultValue("LANE") WritePathProperty writePath) {}
