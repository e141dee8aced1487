//! What KMS means.

use crate::world::{World, code, fresh, worlds};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, KeySpec, KeyUsageType, MacAlgorithmSpec, MessageType, SigningAlgorithmSpec};

async fn symmetric_key(world: &World) -> (Client, String) {
    let kms = world.kms();
    let created = kms.create_key().send().await.unwrap();
    let arn = created.key_metadata.unwrap().arn.unwrap();
    (kms, arn)
}

async fn key_of(kms: &Client, spec: KeySpec, usage: KeyUsageType) -> String {
    let created = kms.create_key().key_spec(spec).key_usage(usage).send().await;
    created.unwrap().key_metadata.unwrap().key_id
}

async fn sealed(kms: &Client, key: &str, tenant: &str) -> Blob {
    let encrypted = kms
        .encrypt()
        .key_id(key)
        .plaintext(Blob::new(*b"the plan"))
        .encryption_context("tenant", tenant)
        .encryption_context("purpose", "test")
        .send()
        .await;
    encrypted.unwrap().ciphertext_blob.unwrap()
}

#[tokio::test]
async fn a_ciphertext_opens_only_under_its_own_context() {
    for world in worlds().await {
        let (kms, key) = symmetric_key(&world).await;
        let blob = sealed(&kms, &key, "acme").await;
        let decrypt = || kms.decrypt().ciphertext_blob(blob.clone());

        let opened =
            decrypt().encryption_context("purpose", "test").encryption_context("tenant", "acme").send().await.unwrap();
        assert_eq!(opened.plaintext.unwrap().as_ref(), b"the plan");
        assert_eq!(opened.key_id.unwrap(), key);

        let other_value = decrypt().encryption_context("purpose", "test").encryption_context("tenant", "other");
        let a_pair_less = decrypt().encryption_context("tenant", "acme");
        let a_pair_more = decrypt()
            .encryption_context("purpose", "test")
            .encryption_context("tenant", "acme")
            .encryption_context("more", "");
        let other_case = decrypt().encryption_context("Purpose", "test").encryption_context("tenant", "acme");
        for wrong in [other_value, a_pair_less, a_pair_more, other_case, decrypt()] {
            assert_eq!(code(wrong.send().await), "InvalidCiphertextException");
        }
    }
}

#[tokio::test]
async fn contexts_that_run_together_are_different_contexts() {
    for world in worlds().await {
        let (kms, key) = symmetric_key(&world).await;
        let encrypted =
            kms.encrypt().key_id(&key).plaintext(Blob::new(*b"x")).encryption_context("ab", "c").send().await.unwrap();
        let wrong = kms.decrypt().ciphertext_blob(encrypted.ciphertext_blob.unwrap()).encryption_context("a", "bc");
        if world.is_moto {
            // moto joins keys and values without lengths, so it takes the two for one. AWS refuses.
            continue;
        }
        assert_eq!(code(wrong.send().await), "InvalidCiphertextException");
    }
}

#[tokio::test]
async fn no_byte_of_a_ciphertext_can_be_changed_or_cut_off() {
    for world in worlds().await {
        let (kms, key) = symmetric_key(&world).await;
        let blob = sealed(&kms, &key, "acme").await.into_inner();
        let mut wrong: Vec<Vec<u8>> = (0..blob.len())
            .map(|index| {
                let mut changed = blob.clone();
                changed[index] ^= 1;
                changed
            })
            .collect();
        wrong.extend((1..blob.len()).step_by(7).map(|length| blob[..length].to_vec()));
        wrong.push([&blob[..], b"x"].concat());
        if world.is_moto {
            // moto fails with a NotFoundException when the key's id in the blob is changed; AWS says no more
            // than that the ciphertext is invalid. Only the tag is changed there.
            wrong = vec![wrong[blob.len() - 1].clone()];
        }
        for changed in wrong {
            let result = kms
                .decrypt()
                .ciphertext_blob(Blob::new(changed))
                .encryption_context("tenant", "acme")
                .encryption_context("purpose", "test")
                .send()
                .await;
            assert_eq!(code(result), "InvalidCiphertextException");
        }
    }
}

#[tokio::test]
async fn two_encryptions_of_one_text_differ() {
    for world in worlds().await {
        let (kms, key) = symmetric_key(&world).await;
        let (one, other) = (sealed(&kms, &key, "acme").await, sealed(&kms, &key, "acme").await);
        assert_ne!(one, other);
    }
}

#[tokio::test]
async fn a_ciphertext_does_not_open_under_another_key() {
    for world in worlds().await {
        let (kms, key) = symmetric_key(&world).await;
        let (_, other) = symmetric_key(&world).await;
        let blob = sealed(&kms, &key, "acme").await;
        let decrypt = |key: &str| {
            kms.decrypt()
                .key_id(key)
                .ciphertext_blob(blob.clone())
                .encryption_context("tenant", "acme")
                .encryption_context("purpose", "test")
                .send()
        };
        assert!(decrypt(&key).await.is_ok());
        // moto says AccessDeniedException; AWS documents IncorrectKeyException.
        let expected = if world.is_moto { "AccessDeniedException" } else { "IncorrectKeyException" };
        assert_eq!(code(decrypt(&other).await), expected);
    }
}

#[tokio::test]
async fn a_disabled_key_refuses_until_it_is_enabled() {
    for world in worlds().await {
        let (kms, key) = symmetric_key(&world).await;
        let blob = sealed(&kms, &key, "acme").await;
        // By the id, because moto fails with a 500 when a key is disabled by its ARN.
        let id = key.rsplit_once('/').unwrap().1;
        kms.disable_key().key_id(id).send().await.unwrap();
        let described = kms.describe_key().key_id(&key).send().await.unwrap();
        assert!(!described.key_metadata.unwrap().enabled);

        let decrypt = || {
            kms.decrypt()
                .ciphertext_blob(blob.clone())
                .encryption_context("tenant", "acme")
                .encryption_context("purpose", "test")
                .send()
        };
        if world.is_moto {
            // moto's disabled keys still work. AWS refuses them with DisabledException.
            assert!(decrypt().await.is_ok());
        } else {
            assert_eq!(code(decrypt().await), "DisabledException");
            let generate = kms.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256);
            assert_eq!(code(generate.send().await), "DisabledException");
        }
        kms.enable_key().key_id(id).send().await.unwrap();
        assert!(decrypt().await.is_ok());
    }
}

#[tokio::test]
async fn a_missing_key_is_not_found() {
    for world in worlds().await {
        let kms = world.kms();
        let missing = "11111111-2222-4333-8444-555555555555";
        let described = kms.describe_key().key_id(missing).send().await;
        assert_eq!(code(described), "NotFoundException");
        let encrypted = kms.encrypt().key_id("alias/nobody").plaintext(Blob::new(*b"x")).send().await;
        assert_eq!(code(encrypted), "NotFoundException");
    }
}

#[tokio::test]
async fn a_data_key_is_what_its_ciphertext_decrypts_to() {
    for world in worlds().await {
        let (kms, key) = symmetric_key(&world).await;
        let generated = kms
            .generate_data_key()
            .key_id(&key)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context("tenant", "acme")
            .send()
            .await
            .unwrap();
        let plaintext = generated.plaintext.unwrap();
        assert_eq!(plaintext.as_ref().len(), 32);
        let opened = kms
            .decrypt()
            .ciphertext_blob(generated.ciphertext_blob.unwrap())
            .encryption_context("tenant", "acme")
            .send()
            .await
            .unwrap();
        assert_eq!(opened.plaintext.unwrap(), plaintext);

        let sealed_only =
            kms.generate_data_key_without_plaintext().key_id(&key).number_of_bytes(24).send().await.unwrap();
        let opened = kms.decrypt().ciphertext_blob(sealed_only.ciphertext_blob.unwrap()).send().await.unwrap();
        assert_eq!(opened.plaintext.unwrap().as_ref().len(), 24);

        let neither = kms.generate_data_key().key_id(&key).send().await;
        assert_eq!(code(neither), "ValidationException");
    }
}

#[tokio::test]
async fn re_encryption_moves_a_ciphertext_to_another_key_and_context() {
    for world in worlds().await {
        let (kms, key) = symmetric_key(&world).await;
        let (_, new) = symmetric_key(&world).await;
        let blob = sealed(&kms, &key, "acme").await;
        let moved = kms
            .re_encrypt()
            .ciphertext_blob(blob.clone())
            .source_encryption_context("tenant", "acme")
            .source_encryption_context("purpose", "test")
            .destination_key_id(&new)
            .destination_encryption_context("tenant", "new")
            .send()
            .await
            .unwrap();
        assert_eq!(moved.source_key_id.unwrap(), key);
        assert_eq!(moved.key_id.unwrap(), new);
        let moved = moved.ciphertext_blob.unwrap();
        let opened = kms
            .decrypt()
            .key_id(&new)
            .ciphertext_blob(moved.clone())
            .encryption_context("tenant", "new")
            .send()
            .await
            .unwrap();
        assert_eq!(opened.plaintext.unwrap().as_ref(), b"the plan");
        let wrong_source = kms.re_encrypt().ciphertext_blob(blob).destination_key_id(&new).send().await;
        assert_eq!(code(wrong_source), "InvalidCiphertextException");
    }
}

#[tokio::test]
async fn a_mac_verifies_only_its_own_message_under_its_own_key() {
    for world in worlds().await {
        let kms = world.kms();
        let key = key_of(&kms, KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac).await;
        let other = key_of(&kms, KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac).await;
        let generated = kms
            .generate_mac()
            .key_id(&key)
            .message(Blob::new(*b"message"))
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .send()
            .await
            .unwrap();
        let mac = generated.mac.unwrap();
        assert_eq!(mac.as_ref().len(), 32);
        let verify = |key: &str, message: &[u8]| {
            kms.verify_mac()
                .key_id(key)
                .message(Blob::new(message))
                .mac(mac.clone())
                .mac_algorithm(MacAlgorithmSpec::HmacSha256)
                .send()
        };
        assert!(verify(&key, b"message").await.unwrap().mac_valid);
        assert_eq!(code(verify(&key, b"Message").await), "KMSInvalidMacException");
        assert_eq!(code(verify(&other, b"message").await), "KMSInvalidMacException");
    }
}

#[tokio::test]
async fn a_signature_verifies_here_and_elsewhere_and_for_no_other_message() {
    for world in worlds().await {
        let kms = world.kms();
        let key = key_of(&kms, KeySpec::EccNistP256, KeyUsageType::SignVerify).await;
        let message = b"the checkpoint";
        let signed = kms
            .sign()
            .key_id(&key)
            .message(Blob::new(*message))
            .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
            .send()
            .await
            .unwrap();
        let signature = signed.signature.unwrap();
        let verify = |message: &[u8], kind: MessageType| {
            kms.verify()
                .key_id(&key)
                .message(Blob::new(message))
                .message_type(kind)
                .signature(signature.clone())
                .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
                .send()
        };
        assert!(verify(message, MessageType::Raw).await.unwrap().signature_valid);
        let other_message = verify(b"another", MessageType::Raw).await;
        if world.is_moto {
            // moto answers that the signature is not valid. AWS fails with KMSInvalidSignatureException.
            assert!(!other_message.unwrap().signature_valid);
        } else {
            assert_eq!(code(other_message), "KMSInvalidSignatureException");
            // moto hashes a digest once more. AWS takes the digest of a message for the message.
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message);
            let verified = verify(digest.as_ref(), MessageType::Digest).await.unwrap();
            assert!(verified.signature_valid);
            let short = verify(b"not a digest", MessageType::Digest).await;
            assert_eq!(code(short), "ValidationException");
        }

        let published = kms.get_public_key().key_id(&key).send().await.unwrap();
        let der = published.public_key.unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, der.as_ref())
            .verify(message, signature.as_ref())
            .expect("the public key verifies outside KMS");
    }
}

#[tokio::test]
async fn a_key_refuses_what_it_is_not_for() {
    for world in worlds().await {
        if world.is_moto {
            // moto does not look at a key's usage here. AWS answers InvalidKeyUsageException.
            continue;
        }
        let kms = world.kms();
        let mac_key = key_of(&kms, KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac).await;
        let encrypted = kms.encrypt().key_id(&mac_key).plaintext(Blob::new(*b"x")).send().await;
        assert_eq!(code(encrypted), "InvalidKeyUsageException");
    }
}

#[tokio::test]
async fn an_alias_names_one_key() {
    for world in worlds().await {
        let (kms, key) = symmetric_key(&world).await;
        let alias = format!("alias/{}", fresh("contract"));
        let create = || kms.create_alias().alias_name(&alias).target_key_id(&key).send();
        create().await.unwrap();
        assert_eq!(code(create().await), "AlreadyExistsException");

        let described = kms.describe_key().key_id(&alias).send().await.unwrap();
        assert_eq!(described.key_metadata.unwrap().arn.unwrap(), key);
        let blob = sealed(&kms, &alias, "acme").await;
        let opened = kms
            .decrypt()
            .ciphertext_blob(blob)
            .encryption_context("tenant", "acme")
            .encryption_context("purpose", "test")
            .send()
            .await
            .unwrap();
        assert_eq!(opened.key_id.unwrap(), key);

        let listed = kms.list_aliases().key_id(&key).send().await.unwrap();
        let names: Vec<_> = listed.aliases().iter().filter_map(|one| one.alias_name()).collect();
        assert_eq!(names, [alias.as_str()]);
    }
}

#[tokio::test]
async fn a_plaintext_is_at_most_4096_bytes() {
    for world in worlds().await {
        let (kms, key) = symmetric_key(&world).await;
        let encrypt = |length: usize| kms.encrypt().key_id(&key).plaintext(Blob::new(vec![7; length])).send();
        assert!(encrypt(4096).await.is_ok());
        assert_eq!(code(encrypt(4097).await), "ValidationException");
    }
}
