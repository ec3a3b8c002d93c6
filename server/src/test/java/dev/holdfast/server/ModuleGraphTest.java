package dev.holdfast.server;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

/** What each package may use, as its package-info says. */
final class ModuleGraphTest {
    private static final String ROOT = "dev.holdfast.server";
    private static final Set<String> FEATURES = Set.of(
            "stock",
            "hold",
            "channel",
            "ops",
            "catalog",
            "payment",
            "order",
            "cart",
            "audit",
            "checkout",
            "venue",
            "ticketing",
            "admission");

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void featuresUseTheApiAndWhatIsForSaleAndNoOtherFeature() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage(ROOT + "..")
                .layer("application")
                .definedBy(ROOT)
                .layer("stock")
                .definedBy(ROOT + ".stock")
                .layer("hold")
                .definedBy(ROOT + ".hold")
                .layer("channel")
                .definedBy(ROOT + ".channel")
                .layer("ops")
                .definedBy(ROOT + ".ops")
                .layer("catalog")
                .definedBy(ROOT + ".catalog")
                .layer("payment")
                .definedBy(ROOT + ".payment")
                .layer("order")
                .definedBy(ROOT + ".order")
                .layer("cart")
                .definedBy(ROOT + ".cart")
                .layer("checkout")
                .definedBy(ROOT + ".checkout")
                .layer("venue")
                .definedBy(ROOT + ".venue")
                .layer("audit")
                .definedBy(ROOT + ".audit")
                .layer("seating")
                .definedBy(ROOT + ".seating")
                .layer("ticketing")
                .definedBy(ROOT + ".ticketing")
                .layer("admission")
                .definedBy(ROOT + ".admission")
                .layer("sql")
                .definedBy(ROOT + ".sql")
                .layer("api")
                .definedBy(ROOT + ".api")
                .layer("redis")
                .definedBy(ROOT + ".redis")
                .layer("cache")
                .definedBy(ROOT + ".cache")
                .layer("availability")
                .definedBy(ROOT + ".availability")
                .whereLayer("application")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("stock")
                .mayOnlyBeAccessedByLayers("application")
                .whereLayer("hold")
                .mayOnlyBeAccessedByLayers("application")
                .whereLayer("channel")
                .mayOnlyBeAccessedByLayers("application")
                .whereLayer("ops")
                .mayOnlyBeAccessedByLayers("application")
                .whereLayer("catalog")
                .mayOnlyBeAccessedByLayers("application", "stock", "hold", "cart", "checkout", "ticketing")
                .whereLayer("payment")
                .mayOnlyBeAccessedByLayers("application", "checkout")
                .whereLayer("order")
                .mayOnlyBeAccessedByLayers("application", "checkout", "admission")
                .whereLayer("checkout")
                .mayOnlyBeAccessedByLayers("application")
                .whereLayer("cart")
                .mayOnlyBeAccessedByLayers("application", "checkout")
                .whereLayer("venue")
                .mayOnlyBeAccessedByLayers("application", "seating", "ticketing")
                .whereLayer("audit")
                .mayOnlyBeAccessedByLayers("catalog", "order", "cart", "checkout", "venue", "ticketing", "admission")
                .whereLayer("seating")
                .mayOnlyBeAccessedByLayers("ticketing")
                .whereLayer("ticketing")
                .mayOnlyBeAccessedByLayers("application", "admission")
                .whereLayer("admission")
                .mayOnlyBeAccessedByLayers("application")
                .whereLayer("sql")
                .mayOnlyBeAccessedByLayers(
                        "catalog", "order", "cart", "audit", "checkout", "venue", "ticketing", "admission")
                .whereLayer("redis")
                .mayOnlyBeAccessedByLayers("application", "cache", "catalog")
                .whereLayer("cache")
                .mayOnlyBeAccessedByLayers("catalog", "availability")
                .whereLayer("availability")
                .mayOnlyBeAccessedByLayers("catalog", "stock")
                .whereLayer("api")
                .mayOnlyBeAccessedByLayers(
                        "stock",
                        "hold",
                        "channel",
                        "ops",
                        "catalog",
                        "payment",
                        "order",
                        "cart",
                        "checkout",
                        "venue",
                        "audit",
                        "sql",
                        "cache",
                        "availability",
                        "ticketing",
                        "admission")
                .check(classes);
    }

    @Test
    void everyPackageIsInTheGraph() {
        assertThat(classes.stream().map(JavaClass::getPackageName).distinct())
                .containsExactlyInAnyOrder(
                        ROOT,
                        ROOT + ".api",
                        ROOT + ".redis",
                        ROOT + ".cache",
                        ROOT + ".availability",
                        ROOT + ".stock",
                        ROOT + ".hold",
                        ROOT + ".channel",
                        ROOT + ".ops",
                        ROOT + ".catalog",
                        ROOT + ".payment",
                        ROOT + ".order",
                        ROOT + ".cart",
                        ROOT + ".checkout",
                        ROOT + ".venue",
                        ROOT + ".audit",
                        ROOT + ".seating",
                        ROOT + ".ticketing",
                        ROOT + ".admission",
                        ROOT + ".sql");
    }

    @Test
    void featuresHaveNoPublicClassesButWhatOthersAskAndProperties() {
        assertThat(classes.stream()
                        .filter(type -> FEATURES.contains(type.getPackageName().replace(ROOT + ".", "")))
                        .filter(JavaClass::isTopLevelClass) // what is within an interface is public by itself
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(type -> !type.getSimpleName().equals("package-info"))
                        .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        "ForSale",
                        "LocationOrder",
                        "Prices",
                        "Offers",
                        "Orders",
                        "OrderUnits",
                        "Carts",
                        "Audit",
                        "Venues",
                        "VenueMap",
                        "Performances",
                        "CatalogProperties",
                        "CartProperties",
                        "SourcingProperties",
                        "ProductCacheProperties",
                        "PageCacheProperties",
                        "PaymentGateway",
                        "PaymentNews",
                        "PaymentOutcome",
                        "Payment",
                        "Authorization",
                        "DeclineReason",
                        "PaymentProperties",
                        "CheckoutProperties");
    }

    @Test
    void seatingIsPure() {
        assertThat(classes.stream()
                        .filter(type -> type.getPackageName().equals(ROOT + ".seating"))
                        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                        .map(d -> d.getTargetClass().getBaseComponentType().getPackageName())
                        .distinct())
                .isSubsetOf(
                        "",
                        "java.lang",
                        "java.lang.invoke",
                        "java.lang.runtime",
                        "java.util",
                        "java.util.function",
                        "java.util.stream",
                        "org.jspecify.annotations",
                        ROOT + ".seating",
                        ROOT + ".ticketing",
                        ROOT + ".venue");
    }

    @Test
    void nothingButTheLocalRunKnowsTheLocalServers() {
        assertThat(classes.stream()
                        .filter(type -> type.getDirectDependenciesFromSelf().stream()
                                .anyMatch(
                                        d -> d.getTargetClass().getPackageName().equals("dev.holdfast.local")))
                        .map(JavaClass::getSimpleName)
                        .distinct())
                .containsExactlyInAnyOrder("LocalRun", "LocalNodes");
    }
}
