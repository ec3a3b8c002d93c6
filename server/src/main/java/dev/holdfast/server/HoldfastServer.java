package dev.holdfast.server;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;

/**
 * The Holdfast server. {@code --spring.profiles.active=local} makes it bring its own PostgreSQL ({@link LocalRun}).
 *
 * <p>Left out of Spring Boot: its error page (problems are ours), bean validation (comes with springdoc; nothing
 * here uses it), and its observation of every request (see {@code RequestFilter}).
 */
@SpringBootApplication(
        proxyBeanMethods = false,
        exclude = {
            ErrorMvcAutoConfiguration.class,
            ValidationAutoConfiguration.class,
            WebMvcObservationAutoConfiguration.class
        })
@ConfigurationPropertiesScan
public class HoldfastServer {
    /** Started by {@link #main}. */
    protected HoldfastServer() {}

    public static void main(String[] arguments) {
        application().run(arguments);
    }

    /** For whoever runs the server inside another program: tests, comparisons. */
    public static SpringApplication application(Class<?>... more) {
        var application = new SpringApplication(HoldfastServer.class);
        for (Class<?> source : more) {
            application.addPrimarySources(java.util.List.of(source));
        }
        application.addInitializers(new LocalRun());
        return application;
    }
}
