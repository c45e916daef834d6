package io.longspan;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.longspan.web.BayeuxServlet;
import org.eclipse.jetty.util.thread.Scheduler;

/** The seams that {@code docs/architecture.md} draws between the packages. */
@AnalyzeClasses(packages = "io.longspan", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String[] EDGES = {
    "io.longspan.bayeux..",
    "io.longspan.jms..",
    "io.longspan.tracing..",
    "io.longspan.local..",
    "io.longspan.authentication..",
    "io.longspan.runtime..",
    "io.longspan.web..",
    "io.longspan.server..",
    "io.longspan.demo..",
    "io.longspan.launcher.."
  };

  @ArchTest
  static final ArchRule cometdIsKnownAtTheBayeuxEdgeOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.longspan.bayeux..")
          .and()
          .doNotBelongToAnyOf(BayeuxServlet.class)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.cometd..");

  @ArchTest
  static final ArchRule jmsIsKnownAtTheJmsEdgeOnly =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.longspan.jms..", "io.longspan.demo..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jakarta.jms..");

  @ArchTest
  static final ArchRule brokersClientsAreKnownWhereTheyAreChosen =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.longspan.jms..", "io.longspan.demo..", "io.longspan.server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.activemq..", "org.apache.qpid..", "com.rabbitmq..");

  @ArchTest
  static final ArchRule servletsAndWebSocketsAreKnownAtTheWebEdgeOnly =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.longspan.authentication..",
              "io.longspan.runtime..",
              "io.longspan.web..",
              "io.longspan.server..")
          .and()
          .haveNameNotMatching(
              "io\\.longspan\\.bayeux\\.WebSocket(EndPoint|Replies|Caller|Output)(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jakarta.servlet..", "jakarta.websocket..");

  /** CometD's API names Jetty's type of a scheduled task, so whoever extends it must too. */
  @ArchTest
  static final ArchRule jettyIsKnownToTheOneCommandServerOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.longspan.server..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.eclipse.jetty..").and(not(equivalentTo(Scheduler.Task.class))));

  @ArchTest
  static final ArchRule openTelemetryIsKnownToTracingOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.longspan.tracing..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.opentelemetry..");

  @ArchTest
  static final ArchRule theCoreKnowsNoEdge =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.longspan.bridge..",
              "io.longspan.protocol..",
              "io.longspan.audit..",
              "io.longspan.identity..",
              "io.longspan.catalogue..",
              "io.longspan.access..",
              "io.longspan.presence..",
              "io.longspan.deliveries..",
              "io.longspan.signing..",
              "io.longspan.envelope..",
              "io.longspan.config..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(EDGES);

  @ArchTest
  static final ArchRule theProtocolKnowsNothingOfOurs =
      noClasses()
          .that()
          .resideInAPackage("io.longspan.protocol..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.longspan..")
                  .and(resideOutsideOfPackage("io.longspan.protocol..")));

  @ArchTest
  static final ArchRule theBudgetKnowsNothingOfOurs =
      noClasses()
          .that()
          .resideInAPackage("io.longspan.budget..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.longspan..")
                  .and(resideOutsideOfPackage("io.longspan.budget..")));

  @ArchTest
  static final ArchRule nobodyNeedsTheServerOrTheDemo =
      classes()
          .that()
          .resideInAnyPackage("io.longspan.server..", "io.longspan.demo..")
          .should()
          .onlyHaveDependentClassesThat()
          .resideInAnyPackage("io.longspan.server..", "io.longspan.demo..");

  @ArchTest
  static final ArchRule theVerifierNeedsTheJdkOnlyAndNobodyNeedsIt =
      classes()
          .that()
          .resideInAPackage("io.longspan.verifier..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "io.longspan.verifier..")
          .andShould()
          .onlyHaveDependentClassesThat()
          .resideInAPackage("io.longspan.verifier..");

  @ArchTest
  static final ArchRule theClientNeedsJacksonsParserOnlyAndTheDemoAloneNeedsIt =
      classes()
          .that()
          .resideInAPackage("io.longspan.client..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..", "javax.net.ssl", "com.fasterxml.jackson.core..", "io.longspan.client..")
          .andShould()
          .onlyHaveDependentClassesThat()
          .resideInAnyPackage("io.longspan.client..", "io.longspan.demo..");

  @ArchTest
  static final ArchRule aLocalServiceNeedsTheJdkOnly =
      classes()
          .that()
          .resideInAPackage("io.longspan.local")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "io.longspan.local");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.longspan.(*)..").should().beFreeOfCycles();
}
