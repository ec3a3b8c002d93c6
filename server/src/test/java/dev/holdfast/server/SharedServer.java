package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One PostgreSQL and one server for all tests of the module; stopped after the last one. */
final class SharedServer implements ParameterResolver {
    private record Running(LocalPostgres postgres, TestServer server) implements AutoCloseable {
        static Running start() {
            LocalPostgres postgres = LocalPostgres.startTemporary();
            postgres.createDatabase("shared");
            return new Running(postgres, TestServer.start(postgres, "shared"));
        }

        @Override
        public void close() {
            server.close();
            postgres.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == TestServer.class || type == LocalPostgres.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Running running = context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(Running.class, _ -> Running.start(), Running.class);
        return parameter.getParameter().getType() == TestServer.class ? running.server : running.postgres;
    }
}
