package io.longspan.wire;

/**
 * The attack suite: each interface attacks one protection of the threat model in {@code
 * docs/security.md}, on both transports; a subclass names the broker.
 */
abstract class AttackTests extends AttackSuite
    implements AdminAttacks,
        ConnectionAttacks,
        CredentialAttacks,
        CrossSiteAttacks,
        DisclosureAttacks,
        FairnessAttacks,
        FloodAttacks,
        ForgeryAttacks,
        HostileInputAttacks,
        IdentityAttacks,
        MemoryAttacks,
        NameAttacks,
        ObjectMessageAttacks,
        ProxyAttacks,
        QueueAttacks,
        RetentionAttacks,
        RevocationAttacks,
        SelectorAttacks,
        SignInAttacks,
        SignatureAttacks,
        SnapshotAttacks,
        TokenAttacks {}
